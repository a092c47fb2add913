import type { Snapshot } from '../../snapshot/snapshot.ts';
import { topOf } from '../filling/allowance.ts';
import type { Accounts, Member } from '../roles/accounts.ts';
import type { RoleState } from '../roles/role-tree.ts';
import type { SorterNode } from '../roles/sorter-node.ts';
import { dominantShare } from '../roles/shares.ts';

/** A top-level role in a fair division; amounts are dominant shares of the cluster, from 0 to 1. */
export interface Sharer {
  readonly weight: number;
  readonly held: number;
  /** What its guarantee keeps for it, as far as it wants that. */
  readonly least: number;
  /** What it holds and waits for, as far as its limit goes; no less than it holds. */
  readonly wanted: number;
}

/** Halvings of the interval in which the level lies: as many as a double has digits. */
const HALVINGS = 53;

/**
 * The share by weight to which all would come if what they hold now were divided anew: guarantees come first, nobody gets
 * more than it wants, and all others are level (weighted max-min fairness over dominant shares). What is free does not
 * count: who lacks room now cannot use it. So somebody is above the level, or at it, while a guarantee is not met.
 *
 * Source: Ghodsi et al., "Dominant Resource Fairness" (NSDI 2011), with the guarantees as lower bounds.
 */
export function fairLevel(sharers: readonly Sharer[]): number {
  const all = sharers.reduce((sum, { held }) => sum + held, 0);
  const covers = (level: number): boolean =>
    sharers.reduce(
      (sum, { weight, least, wanted }) => sum + Math.min(wanted, Math.max(least, level * weight)),
      0,
    ) >= all;
  if (covers(0)) return 0;
  let low = 0;
  let high = sharers.reduce((most, { held, weight }) => Math.max(most, held / weight), 0);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (covers(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The top-level roles that somebody draws on.
 * @param firmOf R: what the top-level role above one holds of what is not revocable and stays
 */
export function sharersOf<M extends Member<M>>(
  { frameworks, classes, columns, held, total }: Snapshot,
  accounts: Accounts<M>,
  firmOf: (role: RoleState<M>) => Float64Array,
): Sharer[] {
  /** By top-level role: one of those below it, and R of what they hold and wait for. */
  const wants = new Map<RoleState<M>, { readonly role: RoleState<M>; readonly sum: Float64Array }>();
  for (const { rolePath, index, revocable } of frameworks) {
    const role = accounts.open(rolePath);
    const { sum } = wants.get(topOf(role)) ?? { sum: new Float64Array(columns.count) };
    wants.set(topOf(role), { role, sum });
    if (!revocable) held[index]!.forEach((amount, r) => (sum[r]! += amount));
  }
  for (const { framework, shape, pending } of classes) {
    const { rolePath, revocable } = frameworks[framework]!;
    if (revocable || pending.length === 0) continue;
    const { sum } = wants.get(topOf(accounts.open(rolePath)))!;
    columns.each(shape.demand, (r, amount) => (sum[r]! += pending.length * amount));
  }
  return [...wants].map(([top, { role, sum }]): Sharer => {
    const firm = firmOf(role);
    const { guarantee = [], limit = [] } = top.quota ?? {};
    const within = (quota: readonly (number | undefined)[], none: number) =>
      sum.map((amount, r) => Math.min(amount, quota[r] ?? none));
    const due = within(guarantee, 0);
    // Who gets what its guarantee lacks keeps what it has of everything else.
    const lacks = due.some((amount, r) => amount > firm[r]!);
    const least = lacks ? due.map((amount, r) => Math.max(amount, firm[r]!)) : due;
    const share = (amounts: Float64Array): number => dominantShare(amounts, total, 1);
    const wanted = Math.max(share(within(limit, Infinity)), share(firm), share(least));
    return { weight: topNode(role).weight, held: share(firm), least: share(least), wanted };
  });
}

/** What stands in the role sorter for the top-level role above one whose account is open. */
export function topNode<M>({ client }: RoleState<M>): SorterNode<RoleState<M>> {
  let { node } = client!;
  while (node.parent!.parent !== null) node = node.parent!;
  return node;
}
