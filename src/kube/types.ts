import type { V1OwnerReference, V1Status } from '@kubernetes/client-node';

/** The fields of `metadata` that Proffer reads; names and meanings are Kubernetes' own. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: V1OwnerReference[];
}

/** Any object as it came from the API server, `metadata.managedFields` left out. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
}

/** `metadata` of a list. */
export interface ListMeta {
  resourceVersion?: string;
  /** Token of the next page; absent or empty on the last one. */
  continue?: string;
}

/** A page of a list. Items may lack `apiVersion` and `kind`, which the list carries for all. */
export interface KubeList<T = KubeObject> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[] | null;
}

/** A line of a watch. */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubeObject }
  | { type: 'ERROR'; object: V1Status };

/** What `src/kube` logs to; pino fits. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of an object in a store. */
export const keyOf = (metadata: { name: string; namespace?: string }): string =>
  metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
