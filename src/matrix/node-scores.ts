import type { Snapshot } from '../snapshot/build.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { fullness, nodeScore } from './cells/priority.ts';
import { reservedWish } from './reserved-wish.ts';
import { nodeWishes, type Wish } from './cells/wishes.ts';

/** What the nodes themselves give to the row of a class in B; Pods that are placed change nothing of it. */
export interface NodeScores {
  /** By agent, 0..1000: packing prefers full agents, spreading empty ones. */
  readonly full: Int32Array;
  readonly wishes: readonly Wish[];
}

/** Scores the nodes of a snapshot for a class. @param row of the class in D @param allowed agents that it may take */
export function scoreNodes(
  snapshot: Snapshot,
  demand: Float64Array,
  row: number,
  demandClass: DemandClass,
  allowed: Uint8Array,
): NodeScores {
  const { agents, allocatable, supply, columns } = snapshot;
  const R = columns.count;
  const full = new Int32Array(agents.length);
  for (let i = 0; i < full.length; i++) {
    full[i] = nodeScore(demandClass.scheduling, fullness(allocatable, supply, demand, i, row, R));
  }
  const wishes = nodeWishes(demandClass, agents, allowed);
  const reserved = reservedWish(snapshot, demandClass);
  return { full, wishes: reserved ? [...wishes, reserved] : wishes };
}
