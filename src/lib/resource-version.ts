const decimal = /^[1-9][0-9]*$/;

/**
 * Orders two resource versions of one kind of objects: decimal numbers of any length, compared as numbers. Kubernetes
 * promises that order since 1.35; before, they are the revisions of etcd, which grow as well. Negative when `a` is older,
 * positive when newer, 0 when equal or when either is not such a number (an aggregated API server may have its own form,
 * which says nothing about order).
 */
export const compareVersions = (a: string, b: string): number => {
  if (a === b || !decimal.test(a) || !decimal.test(b)) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
};
