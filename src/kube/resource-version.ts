const decimal = /^[1-9][0-9]*$/;

/**
 * Orders two resource versions as Kubernetes promises since 1.35: decimal numbers of any length, compared as
 * numbers. Negative when `a` is older, positive when newer, 0 when equal or when either is not such a number
 * (an aggregated API server may have its own form, which says nothing about order).
 */
export const compareVersions = (a: string, b: string): number => {
  if (a === b || !decimal.test(a) || !decimal.test(b)) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
};
