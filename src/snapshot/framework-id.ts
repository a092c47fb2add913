import type { OwnerReference } from './reading/objects.ts';
import type { Workload } from './workload.ts';

/** A kind of frameworks: that of an object of ours, or 'Pods' of others that name our scheduler. */
export type FrameworkKind = string;

/** Names a framework outside a snapshot. */
export interface FrameworkRef {
  /** Its alone: see idOf(). */
  readonly id: string;
  readonly kind: FrameworkKind;
  /** namespace/name of its object: the key in the store of a pool or job. */
  readonly key: string;
  /** Who owns its Pods, where that makes them one framework of others. */
  readonly owner?: OwnerReference;
}

/** Text of users without slashes. Half a character, which no encoding has, is replaced: an escape would throw. */
const escaped = (text: string): string => encodeURIComponent(text.toWellFormed());

/**
 * Ids of frameworks. No field of any object can forge the id of another framework: what users write is escaped, so that
 * it holds no slash, and the first word says who gave the others their meaning. `gsp` and `tj` are of our own objects,
 * `pod`, `gang` and `framework` of Pods and their labels, and the word of an owner always has a dot in it.
 */
const idOf = (word: string, ...parts: readonly string[]): string => [word, ...parts.map(escaped)].join('/');

/** Parts what people read of an id from what tells those of one name apart. */
const APART = '#';

/** An id as people read it: gsp/games/arena, statefulset.apps/web/db. Two frameworks may be read alike. */
export const shownId = (id: string): string => id.split(APART, 1)[0]!;

/**
 * The name under which a framework stands in the sorter of its role, where names decide between equals: whoever waits longest
 * comes first.
 */
export const placeInLine = ({
  waitsSince,
  id,
}: {
  readonly waitsSince: number;
  readonly id: string;
}): string =>
  // A slash would make a tree of the ids.
  `${String(waitsSince).padStart(16, '0')} ${id.replaceAll('/', ':')}`;

/** The name of a framework, without what else is known of it. */
export const refOf = ({ id, kind, key, owner }: FrameworkRef): FrameworkRef => ({
  id,
  kind,
  key,
  ...(owner && { owner }),
});

/** Id of a workload of ours. */
export const workloadId = ({ names, key }: Pick<Workload, 'names' | 'key'>): string =>
  `${names.shortName}/${key}`;

/**
 * The framework of the Pods of an owner. Owners count by group, kind, namespace and UID: one that was made anew under its
 * old name is another.
 * @param account role of the Pods when it is not their namespace's: those that draw on different roles are apart
 */
export function ownerRef(owner: OwnerReference, namespace: string, account: readonly string[]): FrameworkRef {
  const { apiVersion, kind, name, uid } = owner;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : 'core';
  const word = `${escaped(kind.toLowerCase()).replaceAll('.', '%2E')}.${escaped(group)}`;
  const id = `${idOf(word, namespace, name, ...account)}${APART}${escaped(uid)}`;
  return { id, kind: 'Pods', key: `${namespace}/${name}`, owner: { apiVersion, kind, name, uid } };
}

/** The framework of Pods that a label holds together, or of one Pod. @param account as in {@link ownerRef} */
export const labelRef = (
  word: 'pod' | 'gang' | 'framework',
  namespace: string,
  name: string,
  account: readonly string[],
): FrameworkRef => ({
  id: idOf(word, namespace, name, ...account),
  kind: 'Pods',
  key: `${namespace}/${name}`,
});

/**
 * Whom a task says that it belongs to: the holder key of that workload. It does only if there is such a workload, which is
 * of its own namespace: anybody can write the UID of a pool of others into a Pod.
 */
export const taskHolder = (
  { kind, owner }: { readonly kind: string; readonly owner: string },
  namespace: string,
): string => `${kind}/${namespace}/${owner}`;

/** The holder key of a workload. */
export const workloadHolder = ({ names, metadata }: Pick<Workload, 'names' | 'metadata'>): string =>
  `${names.kind}/${metadata.namespace ?? ''}/${metadata.uid ?? ''}`;
