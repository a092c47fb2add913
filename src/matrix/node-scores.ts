import type { Snapshot } from '../snapshot/snapshot.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { fullness, nodeScore, MAX_SCORE } from './cells/priority.ts';
import { nodeWishes, type Wish } from './cells/wishes.ts';
import { isWithin } from '../lib/role-path.ts';

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
  return { full, wishes: [...wishes, ...reservedWishes(snapshot, demandClass)] };
}

/** Enough that an agent with reserved room comes before the others however full each is. */
const RESERVED_WEIGHT = 3;

/**
 * A role takes what is reserved for it before it takes what others could have too.
 * @returns none when nothing that the class needs is reserved for its role, or for one above it, and unused
 */
export function reservedWishes(
  { agents, frameworks, roles, columns }: Snapshot,
  { framework, shape }: DemandClass,
): Wish[] {
  // A Pod of nobody draws on no role.
  const path = frameworks[framework]?.rolePath;
  const own =
    path === undefined
      ? []
      : roles.filter(({ reservations, path: at }) => reservations.length > 0 && isWithin(path, at));
  const reservations = own.flatMap((role) => role.reservations);
  if (reservations.length === 0) return [];
  const values = new Float64Array(agents.length);
  for (const { agent, amounts, used } of reservations) {
    const helps = Object.entries(shape.demand).some(([name, need]) => {
      const column = columns.get(name);
      return column !== undefined && need > 0 && amounts[column]! > used[column]!;
    });
    if (helps) values[agent] = MAX_SCORE;
  }
  return values.includes(MAX_SCORE) ? [{ values, weight: RESERVED_WEIGHT }] : [];
}
