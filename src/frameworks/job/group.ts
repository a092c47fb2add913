import { append } from '../../lib/unbounded.ts';
import type { Judged, Removal, TaskPod } from '../../snapshot/slots.ts';
import type { Reopened } from '../../snapshot/vacancies.ts';
import type { JobFacts } from './facts.ts';
import { isDecided, isTold, type Past } from './history.ts';
import type { Ruled } from './rules.ts';
import { mustGo, type Seen } from './seen.ts';
import { taskRules } from './size.ts';
import { dueAfter, emptySlot, readSlot, type BackingOff } from './slot.ts';
import { countedAway } from './tasks.ts';

type Group = JobFacts['spec']['groups'][number];

/** What the slots of a group come to of which something is known. */
export interface GroupReading {
  /** Their numbers. */
  readonly known: readonly number[];
  readonly live: readonly TaskPod[];
  /** Those to be filled again. */
  readonly reopened: readonly Reopened[];
  readonly backingOff: readonly BackingOff[];
  readonly removals: readonly Removal[];
  /** How many of its workers were made anew after a failure. */
  readonly restarts: number;
}

/** Tasks by their slot, the lowest first. */
const slotsOf = (tasks: readonly Ruled[]): Map<number, Ruled[]> =>
  Map.groupBy(
    tasks.toSorted((a, b) => a.pod.task.slot - b.pod.task.slot),
    ({ pod }) => pod.task.slot,
  );

export const isKept = ({ action }: Judged): boolean => action === 'keep';

/**
 * Reads a group slot by slot. Slots of which nothing is known are not looked at: they are only counted.
 * @param tasks Pods of the group, of the attempt at hand @param now ms since the epoch
 */
export function readGroup(
  group: Group,
  past: Past,
  tasks: readonly Ruled[],
  job: JobFacts,
  seen: Seen,
  now: number,
): GroupReading {
  const bySlot = slotsOf(tasks);
  const isIndexed = taskRules(group) !== undefined;
  const known = [
    ...new Set([...bySlot.keys(), ...(isIndexed ? [] : past.completed), ...past.failing.keys()]),
  ].filter((i) => i >= 0 && i < past.size);
  const live: TaskPod[] = [];
  const reopened: Reopened[] = [];
  const backingOff: BackingOff[] = [];
  const removals: Removal[] = [];
  let restarts = past.retried;
  for (const i of known) {
    const those = bySlot.get(i);
    const isDone = isDecided(past, i);
    const failing = past.failing.get(i);
    const { failures: counted = 0 } = failing ?? {};
    const isRecreated = isDone || those?.some(({ pod }) => pod.task.failures >= counted);
    restarts += isRecreated ? counted : counted - 1;
    if (!those && isDone) continue;
    // The last Pod of a task that failed for good stays to be looked at.
    const looked = past.lost.has(i) ? those?.filter(isKept) : those;
    const slot = looked ? readSlot(i, looked, isDone, now, (each) => mustGo(each, seen)) : emptySlot(i);
    if (slot.live) live.push(slot.live);
    append(removals, slot.removals);
    const due = failing ? dueAfter(failing, job) : 0;
    if (slot.backingOff) backingOff.push(slot.backingOff);
    else if (slot.vacancy && due > now)
      backingOff.push({ due, ended: slot.vacancy.ended ?? `${job.metadata.name}-${group.name}-${i} failed` });
    // Two of one index must not run at once either.
    else if (slot.vacancy && !(isIndexed && those?.some((each) => seen.stopping.has(each))))
      reopened.push({ ...slot.vacancy, failures: counted });
  }
  // They are to be fewer.
  for (const { pod } of tasks.filter((each) => isKept(each) && each.pod.task.slot >= past.size))
    removals.push({ pod, reason: 'ScaledDown', signal: undefined });
  if (isIndexed)
    append(
      removals,
      countedAway(tasks, (each) => isTold(seen.told, each)),
    );
  return { known, live, reopened, backingOff, removals, restarts };
}
