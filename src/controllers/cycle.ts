import { allocateInSteps, type Allocation } from '../allocator/allocate.ts';
import { answersBy, type Drivers } from '../frameworks/common/driver.ts';
import type { Clock } from '../lib/clock.ts';
import { atOnce, type Steps } from '../lib/steps.ts';
import type { KeptRows } from '../matrix/kept-rows.ts';
import { buildMatricesInSteps, type Matrices } from '../matrix/matrices.ts';
import type { Command } from '../plan/command.ts';
import { nextDue } from '../plan/give-way.ts';
import { makePlan } from '../plan/plan.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Inputs } from '../world/inputs.ts';
import { pictureOf } from '../world/world.ts';

/** Milliseconds spent in each phase of a cycle. */
export type Phases = Readonly<Record<'snapshot' | 'matrices' | 'allocate' | 'plan', number>>;

/** What one cycle saw and decided. */
export interface CycleResult {
  readonly snapshot: Snapshot;
  readonly matrices: Matrices;
  readonly allocation: Allocation;
  readonly commands: readonly Command[];
  /** Tasks that still wait for an offer; those that are held take none and do not count. */
  readonly waiting: number;
  /** When something happens by itself next, ms since the epoch. */
  readonly wakeAt: number;
  readonly phases: Phases;
}

/**
 * One placement cycle, from objects to decisions. It reads nothing but its inputs and writes nothing: the same inputs
 * give the same result. The clock only times the phases.
 */
export const runCycle = (inputs: Inputs, clock: Clock, drivers: Drivers): CycleResult =>
  atOnce(decide(pictureOf(inputs, drivers), clock, drivers));

/**
 * The same from a picture that somebody else makes, in steps. The picture stands still, whatever happens between them.
 * @param kept rows of the matrices of earlier cycles
 */
export function* decide(
  picture: Steps<Snapshot>,
  clock: Clock,
  drivers: Drivers,
  kept?: KeptRows,
): Steps<CycleResult> {
  const phases = { snapshot: 0, matrices: 0, allocate: 0, plan: 0 };
  function* timed<T>(phase: keyof Phases, steps: Steps<T>): Steps<T> {
    for (;;) {
      const start = clock.monotonic();
      const { done, value } = steps.next();
      phases[phase] += clock.monotonic() - start;
      if (done) return value;
      yield;
    }
  }

  // 1. An immutable picture of nodes, Pods, workloads, roles and launches that the watch has not shown yet.
  const snapshot = yield* timed('snapshot', picture);
  // 2. A, B and C, for the classes that have something pending.
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  const matrices = yield* timed('matrices', buildMatricesInSteps(snapshot, pending, kept));
  // 3. Offers in the order of dominant shares; the frameworks accept or decline.
  const allocation = yield* timed('allocate', allocateInSteps(snapshot, matrices, answersBy(drivers)));
  // 4. Ordered writes.
  const commands = yield* timed('plan', makePlan(snapshot, allocation, drivers));
  const open = pending.filter(
    (c) => c.hold === undefined && snapshot.frameworks[c.framework]!.hold === undefined,
  );
  const wanted = open.reduce((sum, c) => sum + c.pending.length, 0);
  let wakeAt = nextDue(snapshot, allocation);
  for (const framework of snapshot.frameworks) wakeAt = Math.min(wakeAt, framework.wakeAt);
  return {
    snapshot,
    matrices,
    allocation,
    commands,
    waiting: wanted - allocation.launches.length,
    wakeAt,
    phases,
  };
}
