import type { Allocation } from '../allocator/allocate.ts';
import { amountsOf } from '../allocator/room/pod-amounts.ts';
import { fitByResources } from '../matrix/cells/capacity.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What an agent gets back when a framework reaches its deadline. */
interface End {
  /** Ms since the epoch. */
  readonly at: number;
  readonly agent: number;
  /** R amounts. */
  readonly amounts: Float64Array;
}

/** Rooms that deadlines will free, the next first: what is summed once serves all who ask. */
function endsOf(snapshot: Snapshot): readonly End[] {
  const ends: End[] = [];
  for (const { endsBy, live } of snapshot.frameworks) {
    if (endsBy === undefined) continue;
    for (const pod of live) {
      const agent = snapshot.numbers.get(pod.node ?? '');
      if (agent !== undefined) ends.push({ at: endsBy, agent, amounts: amountsOf(snapshot, pod) });
    }
  }
  return ends.sort((a, b) => a.at - b.at);
}

/**
 * Says when a gang that waits for room will have it at the latest, if all others end at their deadlines and nobody else takes it.
 * Without a deadline nothing is looked at; with some each is gone through once for each gang that asks.
 * @returns for a gang ms since the epoch; undefined where that cannot be known: no deadlines free enough, or rules, volumes,
 * host ports, quota or a topology have a say
 */
export function expectedStarts(
  snapshot: Snapshot,
  { classes: rows, demand, allowed, c, n }: Matrices,
  { rest, kept, refused }: Allocation,
): (gang: Framework) => number | undefined {
  if (!snapshot.frameworks.some(({ endsBy }) => endsBy !== undefined) || rest.rules || rest.volumes)
    return () => undefined;
  const ends = endsOf(snapshot);
  const R = snapshot.columns.count;
  const reserved = new Set(snapshot.roles.flatMap((role) => role.reservations.map(({ agent }) => agent)));

  return ({ index, near, classes }) => {
    const open = classes.filter(({ pending, hold }) => pending.length > 0 && !hold);
    const hasPorts = open.some(({ shape }) => shape.fixedPorts.length + shape.dynamicPorts.length > 0);
    if (near?.isRequired || hasPorts || open.some(({ id }) => refused.has(id))) return undefined;
    const wanted = open.map(({ id, pending }) => ({
      row: rows.findIndex((each) => each.id === id),
      tasks: pending.length,
    }));
    const free = rest.supply.slice();
    for (const { agent, row, tasks } of kept.get(index) ?? [])
      for (let r = 0; r < R; r++) free[agent * R + r]! += tasks * demand[row * R + r]!;
    const fit = (agent: number, row: number, of = free): number =>
      allowed[row * n + agent] === 1 && c[row * n + agent]! < 1 && !reserved.has(agent)
        ? Math.max(0, fitByResources(of, demand, agent, row, R))
        : 0;
    const fits = wanted.map(({ row }) => {
      let sum = 0;
      for (let agent = 0; agent < n; agent++) sum += fit(agent, row);
      return sum;
    });
    /** Whether all find room beside each other. One class alone needs no look. */
    const isWhole = (): boolean => {
      if (wanted.some(({ tasks }, w) => fits[w]! < tasks)) return false;
      if (wanted.length === 1) return true;
      const left = free.slice();
      return wanted.every(({ row, tasks }) => {
        let missing = tasks;
        for (let agent = 0; agent < n && missing > 0; agent++) {
          const some = Math.min(missing, fit(agent, row, left));
          for (let r = 0; r < R; r++) left[agent * R + r]! -= some * demand[row * R + r]!;
          missing -= some;
        }
        return missing === 0;
      });
    };
    // It has room, and waits for something else.
    if (isWhole()) return undefined;
    for (const [i, { at, agent, amounts }] of ends.entries()) {
      wanted.forEach(({ row }, w) => (fits[w]! -= fit(agent, row)));
      for (let r = 0; r < R; r++) free[agent * R + r]! += amounts[r]!;
      wanted.forEach(({ row }, w) => (fits[w]! += fit(agent, row)));
      if (ends[i + 1]?.at !== at && isWhole()) return at;
    }
    return undefined;
  };
}
