import { REASON } from '../api/conditions.ts';
import { boundedText } from '../lib/bounded-text.ts';
import type { Subject } from './drafting.ts';
import { NOTHING_ENDED, type Draft } from './framework.ts';
import type { Hold } from './hold.ts';
import type { Faulty } from './reading/schema.ts';

/** Holds a workload whose spec cannot be read. */
export function unreadableHold({ faults }: Faulty): Hold | undefined {
  if (faults.length === 0) return undefined;
  const message = `cannot be read, its tasks stay as they are until it is corrected: ${faults[0]}`;
  return { reason: REASON.unreadable, message: boundedText(message), freezes: true };
}

/**
 * A framework that is left as it is, since its spec cannot be read or working on it fails. Nothing of it is made or
 * deleted, and what its Pods hold is charged to it. They may be evicted for others, at priority 0: else a spec that nobody
 * can read would shield what runs.
 * @param together its Pods are of use together only
 */
export function frozenDraft({ pods, hold }: Pick<Subject, 'pods' | 'hold'>, together: boolean): Draft {
  const there = pods.filter(({ terminal, deleting }) => !terminal && !deleting);
  const live = there.filter(({ node }) => node !== undefined);
  return {
    priority: 0,
    askedPriority: undefined,
    waitsSince: 0,
    preempts: false,
    revocable: false,
    noticeSeconds: 0,
    together,
    gang: false,
    hold,
    frozen: there.filter(({ node }) => node === undefined),
    classes: [],
    live,
    ready: live.filter(({ ready }) => ready).length,
    ...NOTHING_ENDED,
    wakeAt: Number.POSITIVE_INFINITY,
  };
}
