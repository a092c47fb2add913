import { isWithin } from '../lib/role-path.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Role } from '../snapshot/roles.ts';

/**
 * S as a role finds it: without the unused rest of the reservations of roles that are neither it nor above it.
 * @param path of the role; undefined for a Pod that draws on none: another scheduler knows of no reservations
 * @param supply S, n x R; comes back itself when nothing is kept
 */
export function freeFor(
  path: string | undefined,
  snapshot: Snapshot,
  supply: Float64Array = snapshot.supply,
): Float64Array {
  if (path === undefined) return supply;
  const foreign = snapshot.roles.filter((role) => role.reservations.length > 0 && !isWithin(path, role.path));
  return without(foreign, supply, snapshot.columns.count);
}

/** S as everybody finds it: without the unused rest of all reservations. */
export const freeForAll = ({ supply, roles, columns }: Snapshot): Float64Array =>
  without(roles, supply, columns.count);

/** S without what roles have reserved and do not use, never negative; itself when that is nothing. */
function without(roles: readonly Role[], supply: Float64Array, R: number): Float64Array {
  const kept = new Map<number, Float64Array>();
  for (const { reservations } of roles) {
    for (const { agent, amounts, used } of reservations) {
      const row = kept.get(agent) ?? new Float64Array(R);
      kept.set(agent, row);
      for (let r = 0; r < R; r++) row[r]! += amounts[r]! - used[r]!;
    }
  }
  if (kept.size === 0) return supply;
  const free = supply.slice();
  for (const [agent, row] of kept) {
    for (let r = 0; r < R; r++) free[agent * R + r] = Math.max(0, free[agent * R + r]! - row[r]!);
  }
  return free;
}
