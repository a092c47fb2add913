import { REASON, type Reason } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import { explainShortage, type Explanation } from '../matrix/explain.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Framework } from '../snapshot/framework.ts';

/** How a framework came out of a cycle. */
export interface FrameworkOutcome {
  readonly framework: Framework;
  /** Tasks launched in this cycle. */
  readonly launched: number;
  /** Tasks that still wait for an offer. */
  readonly waiting: number;
  /** The layer that holds the waiting tasks; undefined when none waits. */
  readonly held: Explanation | undefined;
}

/** Sums a cycle up, framework by framework, with a reason for every task that waits. */
export function outcomes(snapshot: Snapshot, matrices: Matrices, allocation: Allocation): FrameworkOutcome[] {
  const launched = new Map<number, number>();
  for (const { offer } of allocation.launches)
    launched.set(offer.framework, (launched.get(offer.framework) ?? 0) + 1);
  const rowOf = new Map(matrices.classes.map((c, row) => [c.id, row]));

  return snapshot.frameworks.map((framework): FrameworkOutcome => {
    const pending = framework.classes.reduce((sum, c) => sum + c.pending.length, 0);
    const done = launched.get(framework.index) ?? 0;
    const waiting = pending - done;
    const base = { framework, launched: done, waiting };
    if (framework.hold) return { ...base, held: framework.hold };
    if (waiting === 0) return { ...base, held: undefined };
    const blocked = framework.classes.find((c) => c.pending.length > 0)!;
    const shortage = explainShortage(snapshot, matrices, rowOf.get(blocked.id)!, allocation.supply);
    const declined = allocation.declined.get(framework.index);
    if (declined === undefined) return { ...base, held: shortage };
    return {
      ...base,
      held: { reason: REASON.gang, message: `${declined}; for the next one ${shortage.message}` },
    };
  });
}

/** Tasks that wait, by the layer that holds them. */
export function waitingByLayer(all: readonly FrameworkOutcome[]): Map<Reason, number> {
  const out = new Map<Reason, number>();
  for (const { waiting, held, framework } of all) {
    if (held && waiting > 0) out.set(held.reason, (out.get(held.reason) ?? 0) + waiting);
    if (framework.backingOff > 0)
      out.set(REASON.backoff, (out.get(REASON.backoff) ?? 0) + framework.backingOff);
  }
  return out;
}
