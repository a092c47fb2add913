import type { SnapshotBuilder } from '../../test/builders/index.ts';
import { allocate, type Allocation } from '../allocator/allocate.ts';
import type { Condition } from '../api/conditions.ts';
import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices, type Matrices } from '../matrix/matrices.ts';
import type { KeptNomination } from '../snapshot/preemption.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { outcomes, type FrameworkOutcome } from './outcome.ts';

/**
 * All that a cycle decides, and how each framework came out of it.
 * @param nominations of the cycle before
 */
export function cycle(
  builder: SnapshotBuilder,
  nominations: readonly KeptNomination[] = [],
): {
  snapshot: Snapshot;
  matrices: Matrices;
  allocation: Allocation;
  all: FrameworkOutcome[];
} {
  const built = builder.build();
  const snapshot = { ...built, preemption: { ...built.preemption, nominations } };
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  const matrices = buildMatrices(snapshot, pending);
  const allocation = allocate(snapshot, matrices, answersBy(DRIVERS));
  return { snapshot, matrices, allocation, all: outcomes(snapshot, matrices, allocation) };
}

/** What the next cycle is to remember of nominations. */
export const remembered = ({ frameworks, agents }: Snapshot, { nominations }: Allocation): KeptNomination[] =>
  nominations.map(({ framework, demandClass, agent, tasks }) => ({
    framework: frameworks[framework]!.id,
    group: demandClass.group,
    demand: demandClass.shape.demand,
    node: agents[agent]!.name,
    tasks,
  }));

/** Conditions in short: type, status and reason. */
export const told = (conditions: readonly Condition[] | undefined): string[] =>
  (conditions ?? []).map((c) => `${c.type}=${c.status} ${c.reason}`);
