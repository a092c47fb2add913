import { lastFirst, recoveredFrom, type Judged, type Removal, type TaskPod } from '../../snapshot/slots.ts';
import { NO_LACK, OpenSlots, type Lack, type Reopened } from '../../snapshot/vacancies.ts';
import { keepsVolumes } from '../../snapshot/volumes/own-volumes.ts';
import type { Spending } from './crash-budget.ts';
import type { PoolFacts } from './facts.ts';
import type { JudgedServers } from './judging.ts';
import { failuresAfter, reopenedBy, type Remembered } from './slot-failures.ts';

const NONE: ReadonlyMap<number, TaskPod> = new Map();

/** Which slots of a pool are filled, and which Pods of ended servers are cleared away. */
export interface Filling {
  readonly pending: Lack;
  /** Ended servers whose slots wait for the end of a back-off. */
  readonly backingOff: readonly Judged[];
  readonly replaced: readonly Removal[];
  /** Servers that have to be gone before others can come in their slots. */
  readonly awaited: readonly TaskPod[];
}

/** A container of an ended server runs on: its room may be all that there is. */
const holdsRoom = ({ pod, signal }: Judged): boolean =>
  !pod.terminal && (pod.task.exit !== undefined || signal === 'Closed' || signal === 'Mute');

/**
 * Slots that have a server which is about to go, in a pool whose slots have volumes: what is on these belongs to one server
 * at a time, so that the next one waits until the last is gone. On a lost node that is when somebody says so.
 */
function busySlots({ running, kept, gone }: JudgedServers, now: number): Map<number, TaskPod> {
  // One that backs off is not sent away before its time is over.
  const ending = [...running, ...gone.filter(({ pod, due }) => !pod.terminal && due <= now)];
  const busy = new Map(ending.map(({ pod }) => [pod.task.slot, pod]));
  for (const { pod } of kept) busy.delete(pod.task.slot);
  return busy;
}

/**
 * Fills the slots of servers that ended and whose back-off is over, then the lowest numbers that nobody has.
 * @param missing how many servers the pool lacks
 * @param now ms since the epoch
 */
export function fill(
  { metadata: { name: base, namespace = '' }, groups }: PoolFacts,
  missing: number,
  servers: JudgedServers,
  { isCounted }: Spending,
  { told, isKept }: Remembered,
  now: number,
): Filling {
  const { running, gone } = servers;
  const busy = keepsVolumes(groups[0]!.shape) ? busySlots(servers, now) : NONE;
  const held = new Set(running.map(({ pod }) => pod.task.slot));
  const taken = missing === 0 ? held : new Set(held);
  const reopened: Reopened[] = [];
  const backingOff: Judged[] = [];
  // They are filled again, and count as missing until then.
  const free = Math.max(0, missing - busy.size);
  for (const judged of gone.toSorted((a, b) => a.pod.task.slot - b.pod.task.slot || lastFirst(a, b))) {
    const { pod, due, ended } = judged;
    const { slot } = pod.task;
    if (reopened.length + backingOff.length >= free) break;
    if (taken.has(slot) || busy.has(slot)) continue;
    taken.add(slot);
    if (due > now) backingOff.push(judged);
    else {
      const failures = failuresAfter(judged, told);
      reopened.push({ slot, failures, after: recoveredFrom(judged), ended });
    }
  }
  const wanted = free - reopened.length - backingOff.length;
  const left = [...told].filter(([slot]) => !taken.has(slot) && !busy.has(slot)).slice(0, wanted);
  const fresh = wanted - left.length;
  // An ended Pod stays until its slot is filled again: it carries the count of failures, and its logs. One that holds room
  // goes when the next one is due.
  const awaited = new Set(reopened.map(({ slot }) => slot));
  const isOver = (judged: Judged): boolean => {
    const { pod, due } = judged;
    const { slot } = pod.task;
    return held.has(slot) || ((holdsRoom(judged) || !awaited.has(slot)) && due <= now);
  };
  const cleared = gone.filter(
    (each) => each.action !== 'refill' && isCounted(each) && isKept(each) && isOver(each),
  );
  return {
    pending:
      free === 0
        ? NO_LACK
        : new OpenSlots({
            namespace,
            base,
            reopened: [...reopened, ...left.map(([slot, its]) => reopenedBy(slot, its, base))],
            fresh,
            taken: [...taken, ...busy.keys()],
          }),
    backingOff,
    awaited: missing === 0 ? [] : [...busy.values()],
    replaced: cleared.map(({ pod, signal }): Removal => ({ pod, reason: 'Replaced', signal })),
  };
}
