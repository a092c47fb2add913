import type { Snapshot } from '../snapshot/build.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { isWithin } from '../lib/role-path.ts';
import { MAX_SCORE } from './cells/priority.ts';
import type { Wish } from './cells/wishes.ts';

/** Enough that an agent with reserved room comes before the others however full each is. */
const RESERVED_WEIGHT = 3;

/**
 * A role takes what is reserved for it before it takes what others could have too.
 * @returns undefined when nothing that the class needs is reserved for its role, or for one above it, and unused
 */
export function reservedWish(
  { agents, frameworks, roles, columns }: Snapshot,
  { framework, shape }: DemandClass,
): Wish | undefined {
  // A Pod of nobody draws on no role.
  const path = frameworks[framework]?.rolePath;
  const own =
    path === undefined
      ? []
      : roles.filter(({ reservations, path: at }) => reservations.length > 0 && isWithin(path, at));
  const reservations = own.flatMap((role) => role.reservations);
  if (reservations.length === 0) return undefined;
  const values = new Float64Array(agents.length);
  for (const { agent, amounts, used } of reservations) {
    const helps = Object.entries(shape.demand).some(([name, need]) => {
      const column = columns.get(name);
      return column !== undefined && need > 0 && amounts[column]! > used[column]!;
    });
    if (helps) values[agent] = MAX_SCORE;
  }
  return values.includes(MAX_SCORE) ? { values, weight: RESERVED_WEIGHT } : undefined;
}
