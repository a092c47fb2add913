import { isWithin } from '../../lib/role-path.ts';
import { freeForAll } from '../../matrix/kept-room.ts';
import type { Snapshot } from '../../snapshot/build.ts';
import type { Role } from '../../snapshot/roles.ts';
import { Accounts, type Member } from '../roles/accounts.ts';
import type { Quota } from '../roles/role-tree.ts';
import { UNSHARED } from '../shares.ts';
import type { Bundles } from './bundles.ts';
import { isCounted } from './counted-agents.ts';
import { holdersOf } from '../../snapshot/holders.ts';
import { amountsOf } from './pod-amounts.ts';

/** The accounts of the cluster as a snapshot shows them: roles, quota, reservations and what everybody holds. */
export function openAccounts<M extends Member<M>>(snapshot: Snapshot, bundles: Bundles): Accounts<M> {
  const accounts = new Accounts<M>({
    roleSorter: 'drf',
    frameworkSorter: 'drf',
    fairnessExcluded: snapshot.columns.names.filter((_, r) => UNSHARED.has(r)),
    nestedLimits: true,
  });
  accounts.totals.add(bundles.of(snapshot.total));
  for (const role of snapshot.roles) openRole(accounts, role, snapshot, bundles);
  if (snapshot.roles.some(({ guarantee }) => guarantee)) keepHeadroomReal(accounts, snapshot, bundles);
  return accounts;
}

function openRole<M extends Member<M>>(
  accounts: Accounts<M>,
  role: Role,
  snapshot: Snapshot,
  bundles: Bundles,
): void {
  const { path, weight, held, heldReserved, reservations } = role;
  const { roles, roleSorter } = accounts;
  const state = accounts.open(path);
  state.weight = weight;
  roleSorter.setWeight(path, weight);
  const quota = quotaOf(role, bundles);
  if (quota) roles.setQuota(path, quota);
  for (const { amounts } of reservations) roles.countReservations(bundles.of(amounts, 0, path), 1);
  const all = bundles.of(held);
  if (all.items.length === 0) return;
  roleSorter.allocate(state.client!, '', all);
  accounts.held.add('', all);
  accounts.heldReserved.add('', bundles.of(heldReserved));
  const plain = held.map((amount, r) => amount - heldReserved[r]!);
  const revocable = revocablePart(role, plain, snapshot);
  roles.countPlain(state, bundles.of(plain.map((amount, r) => amount - revocable[r]!)), 1);
  if (!revocable.some((amount) => amount > 0)) return;
  const amounts: number[] = [];
  revocable.forEach((amount, r) => (amounts[bundles.kindOf(r).column] = amount));
  accounts.revocable.push({ role: state, amounts: Array.from(amounts, (amount) => amount ?? 0) });
}

/** What revocable frameworks hold of a role's plain amounts. */
function revocablePart({ frameworks }: Role, plain: Float64Array, snapshot: Snapshot): Float64Array {
  const sum = new Float64Array(plain.length);
  for (const index of frameworks) {
    if (!snapshot.frameworks[index]!.revocable) continue;
    snapshot.held[index]!.forEach((amount, r) => (sum[r]! += amount));
  }
  return sum.map((amount, r) => Math.min(amount, plain[r]!));
}

function quotaOf({ guarantee, limit }: Role, bundles: Bundles): Quota | undefined {
  if (!guarantee && !limit) return undefined;
  const limits: number[] = [];
  limit?.forEach((most, r) => {
    if (most !== Number.POSITIVE_INFINITY) limits[bundles.kindOf(r).column] = most;
  });
  const guarantees: number[] = [];
  for (const { kind, amount } of guarantee ? bundles.of(guarantee).items : [])
    guarantees[kind.column] = amount;
  return {
    guarantee: guarantees,
    limit: limits,
    hasGuarantee: guarantees.length > 0,
    hasLimit: limits.length > 0,
  };
}

/**
 * Headroom is what can really be had: not what Pods of others take, nor what is free on agents that take no new
 * tasks, nor what is left of a reservation; but what revocable tasks hold, who give way to all others.
 */
function keepHeadroomReal<M extends Member<M>>(
  accounts: Accounts<M>,
  snapshot: Snapshot,
  bundles: Bundles,
): void {
  const { agents, total } = snapshot;
  const R = snapshot.columns.count;
  const supply = freeForAll(snapshot);
  const free = roomToCome(accounts, snapshot, bundles);
  for (let i = 0; i < agents.length; i++) {
    if (!isCounted(snapshot, i)) continue;
    for (let r = 0; r < R; r++) free[r]! += Math.max(0, supply[i * R + r]!);
  }
  for (let r = 0; r < R; r++) {
    const { column } = bundles.kindOf(r);
    const reserved = accounts.roles.reserved[column] ?? 0;
    const unused = Math.max(0, reserved - (accounts.heldReserved.allocated[column] ?? 0));
    const unheld = Math.max(0, total[r]! - (accounts.held.allocated[column] ?? 0));
    accounts.uncounted[column] = Math.max(0, unheld - unused) - free[r]!;
  }
}

/**
 * R: what revocable tasks hold, and those who are evicted, on agents where headroom lies, but for reserved room. The
 * latter count towards no guarantee any more.
 */
function roomToCome<M extends Member<M>>(
  accounts: Accounts<M>,
  snapshot: Snapshot,
  bundles: Bundles,
): Float64Array {
  const { numbers, columns, pods } = snapshot;
  const room = new Float64Array(columns.count);
  const holderOf = holdersOf(snapshot);
  for (const pod of pods) {
    const agent = pod.terminal || pod.node === undefined ? undefined : numbers.get(pod.node);
    const holder = agent === undefined ? undefined : holderOf(pod);
    const isEvicted = pod.deleting && pod.evicted;
    if (agent === undefined || !(holder?.revocable || isEvicted)) continue;
    if (holder && isReservedFor(snapshot, agent, holder.rolePath)) continue;
    const amounts = amountsOf(snapshot, pod);
    if (isEvicted && holder && !holder.revocable)
      accounts.roles.countLeaving(accounts.open(holder.rolePath), bundles.of(amounts), 1);
    if (isCounted(snapshot, agent)) amounts.forEach((amount, r) => (room[r]! += amount));
  }
  return room;
}

/** Whether something is reserved on an agent for a role, or for one above it. */
export const isReservedFor = ({ roles }: Snapshot, agent: number, role: string): boolean =>
  roles.some(
    ({ path, reservations }) =>
      isWithin(role, path) && reservations.some((reservation) => reservation.agent === agent),
  );
