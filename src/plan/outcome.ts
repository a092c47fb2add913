import { atOnce, type Steps } from '../lib/steps.ts';
import { REASON, type Reason } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import type { Explanation } from '../matrix/explain.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { neededBy, type DemandClass, type Framework } from '../snapshot/framework.ts';
import { avoidNote } from './avoid-note.ts';
import { priorityNote } from './priority-note.ts';
import { queues, type Queue } from './queue.ts';
import { roleNotes } from './role-note.ts';
import { waitReasons } from './wait-reasons.ts';

/** Tasks of one class that wait, and the layer that holds them. */
export interface Waits {
  readonly demandClass: DemandClass;
  readonly tasks: number;
  readonly held: Explanation;
}

/** How a framework came out of a cycle. */
export interface FrameworkOutcome {
  readonly framework: Framework;
  /** Tasks launched in this cycle. */
  readonly launched: number;
  /** Tasks that still wait for an offer, or for the API server to take them. */
  readonly waiting: number;
  /** The latter of those. */
  readonly untaken: number;
  /** The others, class by class. */
  readonly waits: readonly Waits[];
  /** The layer that holds the first of the waiting tasks; undefined when none waits. */
  readonly held: Explanation | undefined;
  /** Tasks that it found room for, and declined. */
  readonly declined: number;
  /** What its owner may not know of its role, its priority and the nodes that it avoids; undefined when nothing. */
  readonly note: string | undefined;
  /** Of a gang that waits for room. */
  readonly queue: Queue | undefined;
}

/** Sums a cycle up, framework by framework, with a reason for every task that waits. */
export const outcomes = (
  snapshot: Snapshot,
  matrices: Matrices,
  allocation: Allocation,
): FrameworkOutcome[] => atOnce(outcomesInSteps(snapshot, matrices, allocation));

/** The same in steps, a framework each. */
export function* outcomesInSteps(
  snapshot: Snapshot,
  matrices: Matrices,
  allocation: Allocation,
): Steps<FrameworkOutcome[]> {
  const launched = new Map<number, number>();
  for (const { offer } of allocation.launches)
    launched.set(offer.demandClass.id, (launched.get(offer.demandClass.id) ?? 0) + 1);
  const launchedOf = ({ id }: DemandClass): number => launched.get(id) ?? 0;
  const lacking = (c: DemandClass): number => Math.max(0, neededBy(c) - launchedOf(c));
  const reasonOf = waitReasons(snapshot, matrices, allocation, lacking);
  const roleNote = roleNotes(snapshot);
  const noteOf = (framework: Framework): string | undefined =>
    [roleNote(framework), priorityNote(framework), avoidNote(framework)]
      .filter((note) => note !== undefined)
      .join('; ') || undefined;

  const awaiting = new Set(allocation.awaiting.map(({ launch }) => launch.offer.framework));
  const isInLine = ({ index, hold, classes }: Framework): boolean =>
    !hold && !awaiting.has(index) && classes.some((c) => !c.hold && lacking(c) > 0);
  const queueOf = queues(snapshot, matrices, allocation, isInLine);

  const waitsOf = (framework: Framework, done: number): Waits[] => {
    const { hold, gang } = framework;
    const waiting = framework.classes.filter((c) => lacking(c) > 0);
    const open = hold ? [] : waiting.filter((c) => !c.hold);
    const together = gang && open.length > 0 ? reasonOf(framework, open) : undefined;
    return waiting.flatMap((demandClass): Waits[] => {
      // Those who come after a gang that starts now have their turn in a moment.
      if (gang && done > 0 && demandClass.hold?.reason === REASON.gang) return [];
      const held = demandClass.hold ?? hold ?? together ?? reasonOf(framework, [demandClass]);
      return [{ demandClass, tasks: lacking(demandClass), held }];
    });
  };

  const all: FrameworkOutcome[] = [];
  for (const framework of snapshot.frameworks) {
    const done = framework.classes.reduce((sum, c) => sum + launchedOf(c), 0);
    const untaken = untakenOf(framework);
    const waits = waitsOf(framework, done);
    all.push({
      framework,
      launched: done,
      waiting: waits.reduce((sum, { tasks }) => sum + tasks, untaken),
      untaken,
      waits,
      held: framework.hold ?? waits[0]?.held,
      declined: (allocation.givenBack.get(framework.index) ?? []).reduce((sum, { tasks }) => sum + tasks, 0),
      note: noteOf(framework),
      queue: queueOf.get(framework.index),
    });
    yield;
  }
  return all;
}

/** Launched tasks that the API server does not take, and has not taken: they have no identity yet. */
const untakenOf = ({ hold, live }: Framework): number =>
  hold?.holdsLaunched ? live.filter((pod) => pod.uid === '').length : 0;

/** Tasks that wait, by the layer that holds them. */
export function waitingByLayer(all: readonly FrameworkOutcome[]): Map<Reason, number> {
  const out = new Map<Reason, number>();
  const add = (reason: Reason, tasks: number): void => {
    if (tasks > 0) out.set(reason, (out.get(reason) ?? 0) + tasks);
  };
  for (const { waits, untaken, held, framework } of all) {
    for (const { held: layer, tasks } of waits) add(layer.reason, tasks);
    if (held) add(held.reason, untaken);
    add(REASON.backoff, framework.backingOff);
  }
  return out;
}
