/** What a request does to what, in the words of the API server's own metrics and RBAC. */
export interface RequestKind {
  /** get, list, watch, create, update, patch, delete, deletecollection; the HTTP method in small letters for others. */
  verb: string;
  /** Plural resource, with the subresource if any: `pods`, `pods/binding`, `gameserverpools/status`. */
  resource: string;
  /** Namespace of the object or collection; empty for cluster scope. */
  namespace: string;
  /** Name of the object; empty for collections. */
  name: string;
}

/** Reads verb, resource, namespace and name off a request's method and path (without its query). Pure. */
export const requestKind = (method: string, path: string, watch = false): RequestKind => {
  const parts = path.split('/').filter((part) => part !== '');
  // /api/v1/... and /apis/GROUP/VERSION/...; anything else (/version, /readyz) is named by its path.
  const skip = parts[0] === 'api' ? 2 : parts[0] === 'apis' ? 3 : parts.length;
  if (parts.length <= skip) return { verb: method.toLowerCase(), resource: path, namespace: '', name: '' };
  let rest = parts.slice(skip);
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1] ?? '';
    rest = rest.slice(2);
  }
  const [plural = '', name = '', ...sub] = rest;
  return {
    verb: verbOf(method, name !== '', watch),
    resource: sub.length === 0 ? plural : `${plural}/${sub.join('/')}`,
    namespace,
    name,
  };
};

const verbOf = (method: string, named: boolean, watch: boolean): string => {
  switch (method) {
    case 'GET':
      return watch ? 'watch' : named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
};

/** A short name of the request for messages: `create pods in default`, `patch nodes a`. */
export const describeKind = (kind: RequestKind): string => {
  const where = kind.namespace === '' ? '' : ` in ${kind.namespace}`;
  return `${kind.verb} ${kind.resource}${kind.name === '' ? '' : ` ${kind.name}`}${where}`;
};
