/** Path of a Pod in the API of Kubernetes. */
export const podPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;
