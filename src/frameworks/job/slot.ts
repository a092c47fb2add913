import { restartDelayMs } from '../../recovery/backoff.ts';
import { lastFirst, recoveredFrom, type Judged, type Removal, type TaskPod } from '../../snapshot/slots.ts';
import type { Reopened } from '../../snapshot/vacancies.ts';
import type { JobFacts } from './facts.ts';
import type { Failing } from './history.ts';

/** How a worker ended that backs off, in words, and until when it does, ms since the epoch. */
export type BackingOff = Pick<Judged, 'ended' | 'due'>;

/** What a worker slot comes to of which something is known: its task, or the vacancy it leaves, and the Pods that are in the way. */
export interface Slot {
  readonly live: TaskPod | undefined;
  readonly done: boolean;
  readonly vacancy: Reopened | undefined;
  /** Whose back-off it waits for; undefined when it has none. */
  readonly backingOff: BackingOff | undefined;
  readonly removals: readonly Removal[];
}

/** Which of several live tasks of one slot stays: a ready one, then the oldest. Those on their way have no age yet. */
function keepFirst(a: TaskPod, b: TaskPod): number {
  const age = (pod: TaskPod) => pod.createdAt || Number.MAX_SAFE_INTEGER;
  return Number(b.ready) - Number(a.ready) || age(a) - age(b) || (a.name < b.name ? -1 : 1);
}

/**
 * Reads a slot that has Pods.
 * @param done whether its work is done @param mustGo whether a Pod that is given up must go before another takes its place
 */
export function readSlot<J extends Judged>(
  slot: number,
  tasks: readonly J[],
  done: boolean,
  now: number,
  mustGo: (judged: J) => boolean,
): Slot {
  const running = tasks.filter((t) => t.action === 'keep').map((t) => t.pod);
  running.sort(keepFirst);
  // The work of a done slot is done, whoever else was set to it.
  const live = done ? undefined : running.shift();
  const removals = running.map((pod): Removal => ({ pod, reason: 'ScaledDown', signal: undefined }));
  const gone = tasks.filter((t) => t.action !== 'keep' && t.action !== 'complete');
  if (live || done) {
    for (const { pod, signal, action } of gone) {
      if (action !== 'refill') removals.push({ pod, reason: 'Replaced', signal });
    }
    return { live, done, vacancy: undefined, backingOff: undefined, removals };
  }
  // Somebody ended there: who is neither live nor done is gone.
  const last = gone.sort(lastFirst)[0]!;
  for (const { pod, signal } of gone.filter(mustGo)) removals.push({ pod, reason: 'Replaced', signal });
  if (last.due > now) return { live, done, vacancy: undefined, backingOff: last, removals };
  const vacancy = { slot, failures: last.failures, after: recoveredFrom(last), ended: last.ended };
  return { live, done, vacancy, backingOff: undefined, removals };
}

/** When a worker is due that failed, by what is told of it, ms since the epoch. */
export const dueAfter = ({ failures, lastAt }: Failing, { spec: { recovery } }: JobFacts): number =>
  lastAt + restartDelayMs(failures, recovery.maxBackoffSeconds * 1000);

/** A slot whose Pods are all gone, after its worker failed. */
export const emptySlot = (slot: number): Slot => ({
  live: undefined,
  done: false,
  vacancy: { slot, failures: 0, after: 'Deleting' },
  backingOff: undefined,
  removals: [],
});
