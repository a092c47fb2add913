/** The external address of a node; undefined when it has none. @param addresses as the annotation of its Pods lists them */
export const externalAddress = (addresses: string): string | undefined =>
  addresses
    .split(',')
    .find((each) => each.startsWith('ExternalIP='))
    ?.slice('ExternalIP='.length);
