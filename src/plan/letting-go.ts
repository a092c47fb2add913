import { REASON } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import { neededBy, type Framework } from '../snapshot/framework.ts';
import type { Removal } from '../snapshot/slots.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What is looked at of an allocation. */
type Decided = Pick<Allocation, 'launches' | 'declined' | 'nominations'>;

const goes = ({ live }: Framework): Removal[] =>
  live.map((pod): Removal => ({ pod, reason: 'GangIncomplete', signal: undefined }));

/**
 * Gangs that give their room back, since half a gang holds room and trains nothing: those that were never whole and cannot be
 * completed now, and one of those that were, lost tasks, and did not find room for them in time, while others wait for room. One
 * at a time: what it gives back may complete the next.
 * @returns what is to be deleted, by the number of the framework
 */
export function lettingGo(snapshot: Snapshot, decided: Decided): ReadonlyMap<number, Removal[]> {
  const gone = new Map<number, Removal[]>();
  for (const framework of snapshot.frameworks)
    if (isNeverWhole(framework, decided)) gone.set(framework.index, goes(framework));
  const late = lateGang(snapshot, decided);
  if (late) gone.set(late.index, goes(late));
  return gone;
}

/**
 * A gang that was never whole comes to be only when the API server refused some of its Pods, or the operator died between its
 * creates.
 */
function isNeverWhole(framework: Framework, { declined }: Decided): boolean {
  const { api, class: ofClass } = REASON;
  const { reason } = framework.hold ?? {};
  const stuck = declined.has(framework.index) || reason === api || reason === ofClass;
  return framework.gang && stuck && !framework.wasWhole && framework.classes.some((c) => neededBy(c) > 0);
}

function lateGang(snapshot: Snapshot, { launches, nominations }: Decided): Framework | undefined {
  const { frameworks, now } = snapshot;
  const whole = frameworks.filter((f) => f.together && f.wasWhole && f.completeBy <= now);
  // One that is on its way out waits for that, and asks for nothing.
  const late = whole.filter(({ gang }) => gang);
  if (late.every(({ live }) => live.length === 0) || isGoing(whole, snapshot)) return undefined;
  const launched = Map.groupBy(launches, ({ offer }) => offer.framework);
  const lacks = ({ index, classes, hold }: Framework): boolean => {
    const open = hold ? [] : classes.filter((c) => !c.hold);
    return open.reduce((sum, c) => sum + neededBy(c), 0) > (launched.get(index)?.length ?? 0);
  };
  const isNominated = ({ index }: Framework) => nominations.some(({ framework }) => framework === index);
  // Somebody is about to be completed.
  if (late.some(isNominated)) return undefined;
  const [last] = late.filter((f) => f.live.length > 0 && lacks(f)).sort(lastServed);
  return last && frameworks.some((other) => other !== last && lacks(other)) ? last : undefined;
}

/** Whether one of these gangs is on its way out: what it leaves may complete another one. */
function isGoing(late: readonly Framework[], { leaving, agents }: Snapshot): boolean {
  const owners = new Set(late.filter(({ live }) => live.length === 0).map(({ metadata }) => metadata.uid));
  return (
    owners.size > 0 &&
    leaving.some(
      ({ task, terminal, node }) =>
        !terminal && owners.has(task?.owner) && agents.some(({ name }) => name === node),
    )
  );
}

/** Who is let go first: revocable ones, those of less priority, of fewer tasks that are left, then the younger ones. */
function lastServed(a: Framework, b: Framework): number {
  const bornAt = ({ metadata }: Framework) => metadata.creationTimestamp ?? '';
  return (
    Number(b.revocable) - Number(a.revocable) ||
    a.priority - b.priority ||
    a.live.length - b.live.length ||
    (bornAt(a) === bornAt(b) ? (a.key < b.key ? 1 : -1) : bornAt(a) < bornAt(b) ? 1 : -1)
  );
}
