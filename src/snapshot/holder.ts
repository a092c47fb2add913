import type { FrameworkDraft } from './framework.ts';
import type { PodFacts } from './task.ts';

/**
 * Key of the framework that a Pod belongs to; undefined when it is none of ours. An owner counts in its own namespace
 * alone: anybody can write the UID of a pool of others into a Pod.
 */
export const holderOf = ({ namespace, task, customer }: PodFacts): string | undefined =>
  task ? `${namespace}/${task.owner}` : customer?.framework.id;

/** That key of a framework itself. */
export const holderKey = ({ id, metadata }: Pick<FrameworkDraft, 'id' | 'metadata'>): string =>
  metadata.uid === undefined ? id : `${metadata.namespace}/${metadata.uid}`;
