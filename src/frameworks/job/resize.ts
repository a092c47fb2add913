import type { GangRestart } from '../../api/job/restart.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { Reopened, SlotsToFill } from '../../snapshot/vacancies.ts';
import { attemptOf } from './attempt.ts';
import type { JobFacts } from './facts.ts';
import type { History, Past } from './history.ts';
import type { Peers } from './peers.ts';
import type { Ruled } from './rules.ts';
import { elasticOf, wanted, type Elastic, type Wanted } from './size.ts';

type Group = JobFacts['spec']['groups'][number];

/** The elastic group of a job as it is now. */
export interface Resizing {
  readonly group: string;
  readonly elastic: Elastic;
  readonly wanted: Wanted;
  /** Workers that run or start, are done, or come back after a failure. */
  readonly members: number;
  /** How many those that run were told that they are. */
  readonly told: number | undefined;
  /** Those that the others can do without: the highest ranks first, and never the first worker. */
  readonly spare: readonly TaskPod[];
  /** When it may grow, ms since the epoch; Infinity when it may now, or time does not say. */
  readonly wakeAt: number;
}

/** How many workers those of a group were told that they are; undefined when none says so. */
export const toldOf = (group: string, current: readonly Ruled[]): number | undefined =>
  current.reduce<number | undefined>(
    (most, { pod: { task } }) =>
      task.group === group && task.workers !== undefined ? Math.max(most ?? 0, task.workers) : most,
    undefined,
  );

/**
 * How large an elastic group is and may become. It rests until the status that is stored tells of the size that it has, and then
 * for its time: so it does so too for an operator that has just begun.
 * @param now ms since the epoch
 */
export function resizing(
  group: Group,
  { spec, status }: JobFacts,
  { live, backingOff }: { readonly live: readonly TaskPod[]; readonly backingOff: readonly unknown[] },
  { completed: { size: completed } }: Past,
  current: readonly Ruled[],
  now: number,
): Resizing | undefined {
  const elastic = elasticOf(group, spec);
  if (!elastic) return undefined;
  const members = live.length + completed + backingOff.length;
  const isKnown = status.elastic?.workers === members;
  // All start again in no time: then the status may never have told of none.
  const since = isKnown
    ? Math.max(parseTime(status.elastic!.changeTime), parseTime(status.restart?.startTime))
    : Infinity;
  const growsFrom = since + elastic.growAfterMs;
  const told = toldOf(group.name, current);
  const spare = live
    .filter(({ task }) => task.slot > 0)
    .sort((a, b) => b.task.slot - a.task.slot)
    .slice(0, Math.max(0, members - elastic.least));
  return {
    group: group.name,
    elastic,
    wanted: wanted(elastic, { members, completed, told, growsFrom }, now),
    members,
    told,
    spare,
    wakeAt: members < elastic.most && growsFrom > now ? growsFrom : Infinity,
  };
}

/** The slots of an elastic group that are to be filled, as far as they go by its size. */
export function openSlots(
  { elastic, wanted: { least, most }, told }: Resizing,
  reopened: readonly Reopened[],
  known: readonly number[],
): Pick<SlotsToFill, 'reopened' | 'fresh' | 'taken'> {
  const size = elastic.isFixed && least > 0 ? (told ?? elastic.most) : elastic.most;
  const again = reopened
    .filter(({ slot }) => slot < size)
    .sort((a, b) => a.slot - b.slot)
    .slice(0, most);
  const free = size - known.filter((slot) => slot < size).length;
  return { reopened: again, fresh: Math.max(0, Math.min(most - again.length, free)), taken: known };
}

/**
 * The restart of a job that cannot come to its size otherwise: `replicas` was changed, and those with a fixed number are too many, or
 * torchrun was told a lower maximum; or one of a fixed number that was complete is gone without a trace, as after a deletion by
 * force, so that nothing is left that its rules could be about. Undefined when it can.
 * @param now ms since the epoch
 */
export function resizeRestart(
  { spec, status: { restart, elastic: known } }: JobFacts,
  current: readonly Ruled[],
  history: History,
  now: number,
): GangRestart | undefined {
  const group = spec.groups.at(-1)!;
  const elastic = elasticOf(group, spec);
  const told = toldOf(group.name, current);
  if (!elastic || told === undefined) return undefined;
  const fits = elastic.isFixed ? told <= elastic.most : told >= elastic.most;
  if (!fits) return nextRestart(restart, `replicas of ${group.name} is ${elastic.most} now`, now);
  if (!elastic.isFixed || known?.workers !== told) return undefined;
  const slots = new Set(
    current.filter(({ pod }) => pod.task.group === group.name).map(({ pod }) => pod.task.slot),
  );
  const { completed } = history.get(group.name)!;
  const gone = Array.from({ length: told }, (_, slot) => slot).filter(
    (slot) => !slots.has(slot) && !completed.has(slot),
  );
  return gone.length === 0
    ? undefined
    : nextRestart(restart, `${gone.length} of ${told} of ${group.name} gone`, now);
}

/** A restart of all workers that is nobody's failure. */
export const nextRestart = (told: GangRestart | undefined, reason: string, now: number): GangRestart => ({
  attempt: attemptOf(told) + 1,
  failures: told?.failures ?? 0,
  reason,
  startTime: formatTime(now),
});

/** The workers of a job while its elastic group has so many. */
export function withWorkers(peers: Peers, { group, elastic }: Resizing, workers: number): Peers {
  const groups = peers.groups.map((each) => (each.name === group ? { ...each, size: workers } : each));
  const own = peers.groups.find(({ name }) => name === group)!;
  if (own.first === undefined) return { ...peers, groups };
  const others = peers.world - own.size;
  const range = `${others + elastic.least}:${others + elastic.most}`;
  return { ...peers, groups, world: others + workers, ...(elastic.isFixed ? {} : { range }) };
}
