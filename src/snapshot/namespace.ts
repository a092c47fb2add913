import { record } from '../lib/record.ts';
import type { NamedObject } from './reading/objects.ts';
import { readerOf } from './reading/meta.ts';
import type { Faulty } from './reading/schema.ts';
import type { Labels } from './reading/selector.ts';

/** What Proffer keeps of a Namespace: what selectors of placement rules go by. */
export interface NamespaceFacts extends Faulty {
  /** Store key: the namespace's name. */
  readonly key: string;
  readonly labels: Labels;
}

const readNamespace = readerOf<NamedObject>({});

/** Reads a Namespace. */
export function namespaceFacts(raw: object): NamespaceFacts {
  const { object, faults } = readNamespace(raw);
  const { name, labels = record() } = object.metadata;
  return { key: name, labels, faults };
}
