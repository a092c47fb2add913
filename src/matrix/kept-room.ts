import type { Snapshot } from '../snapshot/build.ts';
import { isWithin } from '../lib/role-path.ts';

/** R amounts by agent; agents without any are left out. */
export type KeptRoom = ReadonlyMap<number, Int32Array>;

const NOTHING: KeptRoom = new Map();

/**
 * What is kept on agents from a role: the unused rest of the reservations of roles that are neither it nor above it.
 * @param path of the role; undefined for a Pod that draws on none: another scheduler knows of no reservations
 */
export function keptFrom(path: string | undefined, { roles, columns }: Snapshot): KeptRoom {
  if (path === undefined) return NOTHING;
  const foreign = roles.filter((role) => role.reservations.length > 0 && !isWithin(path, role.path));
  if (foreign.length === 0) return NOTHING;
  const kept = new Map<number, Int32Array>();
  for (const { reservations } of foreign) {
    for (const { agent, amounts, used } of reservations) {
      const row = kept.get(agent) ?? new Int32Array(columns.count);
      kept.set(agent, row);
      for (let r = 0; r < row.length; r++) row[r]! += amounts[r]! - used[r]!;
    }
  }
  return kept;
}

/** S without what is kept, never negative. @param supply S, n x R @returns S itself when nothing is kept */
export function withoutKept(supply: Int32Array, kept: KeptRoom, R: number): Int32Array {
  if (kept.size === 0) return supply;
  const free = supply.slice();
  for (const [agent, row] of kept) {
    for (let r = 0; r < R; r++) free[agent * R + r] = Math.max(0, free[agent * R + r]! - row[r]!);
  }
  return free;
}
