import type {
  LabelSelector,
  Meta,
  NamedObject,
  OwnerReference,
  SelectorRequirement,
  StatusCondition,
} from './objects.ts';
import { flag, list, mapOf, object, read, text, whole, type Faulty, type Fields } from './schema.ts';

export const texts = list(text);
export const textMap = mapOf(text);

const ownerReference = object<OwnerReference>(
  { apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag },
  ['apiVersion', 'kind', 'name', 'uid'],
);

const metaFields: Fields<Meta> = {
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  generation: whole,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: whole,
  finalizers: texts,
  labels: textMap,
  annotations: textMap,
  ownerReferences: list(ownerReference),
};

/** `metadata` of any object. */
export const meta = object<Meta>(metaFields, ['name']);

const unread = (): undefined => undefined;

/** `metadata` of an object of ours. What nobody reads of it is not kept: users write as much there as they like. */
export const ownMeta = object<Meta>(
  { ...metaFields, finalizers: unread, labels: unread, annotations: unread, ownerReferences: unread },
  ['name'],
);

export const requirement = object<SelectorRequirement>({ key: text, operator: text, values: texts }, [
  'key',
  'operator',
]);

export const labelSelector = object<LabelSelector>({
  matchLabels: textMap,
  matchExpressions: list(requirement),
});

/** One condition of a status. */
export const statusCondition = object<StatusCondition>(
  { type: text, status: text, lastTransitionTime: text, lastProbeTime: text, reason: text, message: text },
  ['type', 'status'],
);

/**
 * Makes a reader of objects of one kind: each as far as it can be read, one of which nothing can without a name.
 * @param fields of the kind beside its metadata; none is required
 */
export function readerOf<T extends NamedObject>(
  fields: Fields<Omit<T, 'metadata'>>,
): (raw: object) => { readonly object: T } & Faulty {
  const schema = object<T>({ ...fields, metadata: meta } as unknown as Fields<T>, ['metadata']);
  return (raw) => {
    const { value, faults } = read(schema, raw);
    return { object: value ?? ({ metadata: { name: '' } } as T), faults };
  };
}
