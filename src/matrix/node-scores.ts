import type { Snapshot } from '../snapshot/build.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { fullness, nodeScore } from './priority.ts';
import { nodeWishes, type Wish } from './wishes.ts';

/** What the nodes themselves give to the row of a class in B; Pods that are placed change nothing of it. */
export interface NodeScores {
  /** By agent, 0..1000: packing prefers full agents, spreading empty ones. */
  readonly full: Int32Array;
  readonly wishes: readonly Wish[];
}

/** Scores the nodes of a snapshot for a class. @param row of the class in D @param allowed agents that it may take */
export function scoreNodes(
  { agents, allocatable, supply, columns }: Snapshot,
  demand: Int32Array,
  row: number,
  demandClass: DemandClass,
  allowed: Uint8Array,
): NodeScores {
  const full = Int32Array.from(agents, (_, i) =>
    nodeScore(demandClass.scheduling, fullness(allocatable, supply, demand, i, row, columns.count)),
  );
  return { full, wishes: nodeWishes(demandClass, agents, allowed) };
}
