import type { PoolUpdate } from '../../api/pool/update.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { TaskFacts } from '../../snapshot/task.ts';
import { mayGo } from './deletion-order.ts';

/** What a pool wants of its servers. */
export interface Wanted {
  readonly replicas: number;
  /** Revision of the template that they should have. */
  readonly revision: string;
  readonly update: Omit<PoolUpdate, 'overflow'>;
  /** Servers of the wanted revision cannot be made for now. */
  readonly blocked: boolean;
  /** Servers of older revisions that nobody holds and that are ending. */
  readonly leaving: number;
  /** Servers that were well and were told to go, and may stay all the same: players may be quicker. */
  readonly ordered: number;
  /** Which of two servers goes first: one that is not ready before one that is. */
  readonly order: (a: TaskPod, b: TaskPod) => number;
  /** Whether a server may be brought to the wanted revision in place. */
  readonly canChange: (pod: TaskPod) => boolean;
  /** Whether a server is to be replaced since its node is to go. */
  readonly isToMove: (pod: TaskPod) => boolean;
}

/** What is done now to come nearer to what a pool wants. */
export interface Rollout {
  /** How many servers are made. */
  readonly make: number;
  /** Servers that go for the sake of a newer revision, or of another node. */
  readonly outdated: readonly TaskPod[];
  /** Servers that come to it in place. */
  readonly changed: readonly TaskPod[];
  /** Servers that go since there are too many. */
  readonly surplus: readonly TaskPod[];
}

/** Whether a server has another template than its pool; one that lost its label counts as new, so that it may stay. */
export const isOutdated = (task: Pick<TaskFacts, 'revision'>, revision: string): boolean =>
  task.revision !== revision && task.revision !== '';

const part = (amount: number | string, all: number, round: (value: number) => number): number =>
  typeof amount === 'number' ? amount : round((Number.parseInt(amount) * all) / 100);

/**
 * What an update may do to servers that nobody holds.
 * @param free how many of these the pool wants
 */
export function bounds({ maxSurge, maxUnavailable }: Wanted['update'], free: number) {
  const surge = part(maxSurge, free, Math.ceil);
  const unavailable = part(maxUnavailable, free, Math.floor);
  return { most: free + surge, least: Math.max(0, free - (unavailable || (surge > 0 ? 0 : 1))) };
}

const isHopeless = (pod: TaskPod): boolean => !pod.ready && pod.task.stuck !== '';

/**
 * Servers of older revisions that go now, or are changed. Those that cannot start go at once: nothing is lost with them. Of the others
 * as many stay as are needed to have `least` that are ready or may come to be. One that starts goes before one that is ready.
 */
function replaceable(
  old: readonly TaskPod[],
  fresh: readonly TaskPod[],
  least: number,
  order: Wanted['order'],
) {
  const others = old.filter((pod) => !isHopeless(pod));
  const ready = fresh.filter((pod) => pod.ready).length;
  const spare = others.length + ready - least;
  return [...old.filter(isHopeless), ...(spare > 0 ? others.toSorted(order).slice(0, spare) : [])];
}

/**
 * The next step of a pool towards its number of servers and its template. Servers that players hold are counted and never
 * chosen. What is chosen, to go or to be changed in place, leaves at least `least` of the others ready, as far as they are, and what is made never leads
 * above `most` of them. The step depends on the servers alone, so that any operator takes up an update where it stands.
 * @param live servers that are neither ended nor ending
 */
export function rollout(live: readonly TaskPod[], wanted: Wanted): Rollout {
  const { replicas, revision, update, blocked, leaving, ordered, order, canChange, isToMove } = wanted;
  const free = live.filter(({ task }) => mayGo(task));
  const target = Math.max(0, replicas - (live.length - free.length));
  const surplusOf = (pods: readonly TaskPod[], most: number) =>
    pods.length > most ? pods.toSorted(order).slice(0, pods.length - most) : [];
  const isOld = (pod: TaskPod) => !update.paused && isOutdated(pod.task, revision);
  const old = free.filter(isOld);
  const going = free.filter((pod) => isOld(pod) || isToMove(pod));
  const lacking = Math.max(0, target - free.length);

  if (update.strategy === 'Recreate' && !update.paused && (going.length === 0 || old.length + leaving > 0)) {
    const outdated = blocked ? [] : old;
    const rest = blocked ? free : free.filter((pod) => !isOld(pod));
    const make = outdated.length + leaving > 0 ? 0 : lacking;
    return { make, outdated, changed: [], surplus: surplusOf(rest, target) };
  }
  if (going.length + ordered === 0)
    return { make: lacking, outdated: [], changed: [], surplus: surplusOf(free, target) };
  const { most, least: fewest } = bounds(update, target);
  // Nothing is wrong with those that only move: they go when others are ready, where there may be others beside them.
  const least = old.length === 0 && most > target ? target : fewest;
  const fresh = free.filter((pod) => !isOld(pod) && !isToMove(pod));
  const chosen = blocked ? [] : replaceable(going, fresh, least, order);
  const changeable = new Set(old.filter((pod) => !isHopeless(pod) && !isToMove(pod) && canChange(pod)));
  // Where none may be unavailable the surge stands in for those that are changed, and goes at the end.
  const wantedNow = changeable.size > 0 && least >= target ? most : target;
  // Of those that are too many none is changed before it goes.
  const replaced = chosen.filter((pod) => !changeable.has(pod));
  const excess = Math.max(0, free.length - wantedNow - replaced.length);
  const staying = chosen.filter((pod) => changeable.has(pod));
  const outdated = [...replaced, ...staying.slice(0, excess)];
  const changed = staying.slice(excess);
  const gone = new Set([...changed, ...outdated]);
  const left = free.filter((pod) => !gone.has(pod));
  // Who goes counts until it is gone: an order to go may be refused.
  const lackingNow = wantedNow - fresh.length - changeable.size;
  const make = Math.max(0, Math.min(lackingNow, most - free.length - ordered));
  return { make, outdated, changed, surplus: surplusOf(left, most) };
}
