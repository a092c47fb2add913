import type { Labels } from './selector.ts';
import type { RawObject } from './workload.ts';

/** What Proffer keeps of a Namespace: what selectors of placement rules go by. */
export interface NamespaceFacts {
  /** Store key: the namespace's name. */
  readonly key: string;
  readonly labels: Labels;
}

/** Reads a Namespace. */
export const namespaceFacts = ({ metadata }: RawObject): NamespaceFacts => ({
  key: metadata.name,
  labels: metadata.labels ?? {},
});
