import type { SnapshotBuilder } from '../../test/builders/index.ts';
import { allocate, type Allocation } from '../allocator/allocate.ts';
import type { Condition } from '../api/conditions.ts';
import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices, type Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { outcomes, type FrameworkOutcome } from './outcome.ts';

/** All that a cycle decides, and how each framework came out of it. */
export function cycle(builder: SnapshotBuilder): {
  snapshot: Snapshot;
  matrices: Matrices;
  allocation: Allocation;
  all: FrameworkOutcome[];
} {
  const snapshot = builder.build();
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  const matrices = buildMatrices(snapshot, pending);
  const allocation = allocate(snapshot, matrices, answersBy(DRIVERS));
  return { snapshot, matrices, allocation, all: outcomes(snapshot, matrices, allocation) };
}

/** Conditions in short: type, status and reason. */
export const told = (conditions: readonly Condition[] | undefined): string[] =>
  (conditions ?? []).map((c) => `${c.type}=${c.status} ${c.reason}`);
