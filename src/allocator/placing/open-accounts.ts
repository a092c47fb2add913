import { freeForAll } from '../../matrix/kept-room.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Role } from '../../snapshot/roles.ts';
import { Accounts, type Member } from '../roles/accounts.ts';
import { quotaOf } from '../roles/role-tree.ts';
import { UNSHARED } from '../roles/shares.ts';
import { bundleOf } from '../resources/column-bundle.ts';
import { isCounted } from '../room/counted-agents.ts';
import { amountsOf } from '../room/pod-amounts.ts';
import { isReservedFor } from '../room/reserved-room.ts';
import { holdersOf } from '../../snapshot/holders.ts';

/** The accounts of the cluster as a snapshot shows them: roles, quota, reservations and what everybody holds. */
export function openAccounts<M extends Member<M>>(snapshot: Snapshot): Accounts<M> {
  const accounts = new Accounts<M>({
    roleSorter: 'drf',
    frameworkSorter: 'drf',
    unshared: UNSHARED,
    nestedLimits: true,
  });
  accounts.totals.add(bundleOf(snapshot.total));
  for (const role of snapshot.roles) openRole(accounts, role, snapshot);
  if (snapshot.roles.some(({ guarantee }) => guarantee)) keepHeadroomReal(accounts, snapshot);
  return accounts;
}

function openRole<M extends Member<M>>(accounts: Accounts<M>, role: Role, snapshot: Snapshot): void {
  const { path, weight, held, heldReserved, reservations, guarantee, limit } = role;
  const { roles, roleSorter } = accounts;
  const state = accounts.open(path);
  state.weight = weight;
  roleSorter.setWeight(path, weight);
  if (guarantee || limit) {
    const least = Array.from(guarantee ?? [], (amount) => (amount > 0 ? amount : undefined));
    const most = Array.from(limit ?? [], (amount) => (amount < Infinity ? amount : undefined));
    roles.setQuota(path, quotaOf(least, most));
  }
  for (const { amounts } of reservations) roles.countReservations(bundleOf(amounts, path), 1);
  const all = bundleOf(held);
  if (all.items.length === 0) return;
  roleSorter.allocate(state.client!, '', all);
  accounts.held.add('', all);
  accounts.heldReserved.add('', bundleOf(heldReserved));
  const plain = held.map((amount, r) => amount - heldReserved[r]!);
  const revocable = revocablePart(role, plain, snapshot);
  roles.countPlain(state, bundleOf(plain.map((amount, r) => amount - revocable[r]!)), 1);
  if (!revocable.some((amount) => amount > 0)) return;
  accounts.revocable.push({ role: state, amounts: [...revocable] });
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

/**
 * Headroom is what can really be had: not what Pods of others take, nor what is free on agents that take no new
 * tasks, nor what is left of a reservation; but what revocable tasks hold, who give way to all others.
 */
function keepHeadroomReal<M extends Member<M>>(accounts: Accounts<M>, snapshot: Snapshot): void {
  const { agents, total } = snapshot;
  const R = snapshot.columns.count;
  const supply = freeForAll(snapshot);
  const free = roomToCome(accounts, snapshot);
  for (let i = 0; i < agents.length; i++) {
    if (!isCounted(snapshot, i)) continue;
    for (let r = 0; r < R; r++) free[r]! += Math.max(0, supply[i * R + r]!);
  }
  for (let r = 0; r < R; r++) {
    const reserved = accounts.roles.reserved[r] ?? 0;
    const unused = Math.max(0, reserved - (accounts.heldReserved.allocated[r] ?? 0));
    const unheld = Math.max(0, total[r]! - (accounts.held.allocated[r] ?? 0));
    accounts.uncounted[r] = Math.max(0, unheld - unused) - free[r]!;
  }
}

/**
 * R: what revocable tasks hold, and those who are evicted, on agents where headroom lies, but for reserved room. The
 * latter count towards no guarantee any more.
 */
function roomToCome<M extends Member<M>>(accounts: Accounts<M>, snapshot: Snapshot): Float64Array {
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
      accounts.roles.countLeaving(accounts.open(holder.rolePath), bundleOf(amounts), 1);
    if (isCounted(snapshot, agent)) amounts.forEach((amount, r) => (room[r]! += amount));
  }
  return room;
}
