import { addAt } from '../resources/amounts.ts';
import { word32 } from '../../lib/prng.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import type { CountedKind } from '../resources/resource-kind.ts';
import { parentOf } from '../../lib/role-path.ts';
import type { Sorter } from './sorter.ts';
import type { Client } from './sorter-node.ts';

/** Guarantee and limit of a role, by column. */
export interface Quota {
  /** Absent = nothing. */
  readonly guarantee: readonly (number | undefined)[];
  /** Absent = unlimited. */
  readonly limit: readonly (number | undefined)[];
  readonly hasGuarantee: boolean;
  readonly hasLimit: boolean;
}

/** Quota of amounts by column, absent as {@link Quota} says. */
export const quotaOf = (guarantee: Quota['guarantee'], limit: Quota['limit']): Quota => ({
  guarantee,
  limit,
  hasGuarantee: guarantee.some((amount) => amount !== undefined && amount > 0),
  hasLimit: limit.some((amount) => amount !== undefined),
});

/** A role that exists: it has a weight, quota, framework or reservation, or another such role below it. */
export interface RoleState<M> {
  readonly path: string;
  /** A word of the path, for drawing lots. */
  readonly word: number;
  readonly parent: RoleState<M> | null;
  readonly children: Set<RoleState<M>>;
  weight: number;
  quota: Quota | null;
  /** Frameworks under exactly this role, by id. */
  readonly members: Map<string, M>;
  /** Of the members; null while its account is not open. */
  sorter: Sorter<M> | null;
  /** In the role sorter; null while its account is not open. */
  client: Client<RoleState<M>> | null;
  /** Members that offers can be made to. */
  offeredMembers: number;
  /** Members that are fresh. */
  freshMembers: number;
  /** Members that bid for room now. */
  biddingMembers: number;
  /** Scalars reserved for the subtree, in use or not, by column. */
  readonly reserved: number[];
  /** Plain scalars offered to or used by the subtree, by column. */
  readonly plain: number[];
  /** Plain scalars of the subtree whose tasks are evicted: they count no more towards a guarantee. By column. */
  readonly leaving: number[];
  /** Quota used up, as a run counts it: reserved + plain, by column; kept between runs for roles with quota. */
  readonly consumed: number[];
}

/** The roles that exist. M stands for a framework under a role. */
export class RoleTree<M> {
  readonly #roles = new Map<string, RoleState<M>>();
  /** Scalars reserved for any role, by column. */
  readonly reserved: number[] = [];
  readonly #quotaRoles = new Set<RoleState<M>>();
  #changedQuotas = new Set<RoleState<M>>();
  #sortedQuotaRoles: readonly RoleState<M>[] | null = [];

  get(path: string): RoleState<M> | undefined {
    return this.#roles.get(path);
  }

  /** Roles with a quota, by path, ascending. */
  get withQuota(): readonly RoleState<M>[] {
    this.#sortedQuotaRoles ??= [...this.#quotaRoles].sort((a, b) => (a.path < b.path ? -1 : 1));
    return this.#sortedQuotaRoles;
  }

  /** All, in the order of their making. */
  all(): Iterable<RoleState<M>> {
    return this.#roles.values();
  }

  /** The role of a path, made if need be with all above it. */
  obtain(path: string): RoleState<M> {
    const known = this.#roles.get(path);
    if (known !== undefined) return known;
    const above = parentOf(path);
    const parent = above === undefined ? null : this.obtain(above);
    const role: RoleState<M> = {
      path,
      word: word32(path),
      parent,
      children: new Set(),
      weight: 1,
      quota: null,
      members: new Map(),
      sorter: null,
      client: null,
      offeredMembers: 0,
      freshMembers: 0,
      biddingMembers: 0,
      reserved: [],
      plain: [],
      leaving: [],
      consumed: [],
    };
    parent?.children.add(role);
    this.#roles.set(path, role);
    return role;
  }

  /** Forgets a role, and those above it, that nothing keeps. */
  prune(role: RoleState<M>): void {
    for (let at: RoleState<M> | null = role; at !== null; at = at.parent) {
      const kept =
        at.weight !== 1 ||
        at.quota !== null ||
        at.members.size > 0 ||
        at.children.size > 0 ||
        at.reserved.some((amount) => amount > 0);
      if (kept) return;
      this.#roles.delete(at.path);
      at.parent?.children.delete(at);
    }
  }

  setQuota(path: string, quota: Quota | null): RoleState<M> {
    const role = this.obtain(path);
    role.quota = quota;
    role.consumed.length = 0;
    if (quota === null) this.#quotaRoles.delete(role);
    else this.#quotaRoles.add(role);
    this.#sortedQuotaRoles = null;
    this.#changedQuotas.add(role);
    this.prune(role);
    return role;
  }

  /** Notes that what a role's quota says about it must be looked at anew. */
  touch(role: RoleState<M>): void {
    if (role.quota !== null) this.#changedQuotas.add(role);
  }

  /** The roles that were touched, or whose quota changed or went, since the last call. */
  takeChangedQuotas(): Iterable<RoleState<M>> {
    const changed = this.#changedQuotas;
    if (changed.size > 0) this.#changedQuotas = new Set();
    return changed;
  }

  /** Counts the reservations of an agent's resources. @param sign 1 when they come, -1 when they go */
  countReservations({ items }: Bundle, sign: 1 | -1): void {
    for (const { kind, amount } of items) {
      if (kind.type !== 'scalar' || kind.reservedTo === '') continue;
      addAt(this.reserved, kind.column, sign * amount);
      const role = this.obtain(kind.reservedTo);
      this.#addUp(role, 'reserved', kind, sign * amount);
      if (sign < 0) this.prune(role);
    }
  }

  /** Counts plain scalars that a role's subtree gets or gives back. */
  countPlain(role: RoleState<M>, { items }: Bundle, sign: 1 | -1): void {
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      if (kind.plain) this.#addUp(role, 'plain', kind, sign * amount);
    }
  }

  /** Counts plain scalars of a role whose tasks are evicted, or stay after all when the sign is -1. */
  countLeaving(role: RoleState<M>, { items }: Bundle, sign: 1 | -1): void {
    for (const { kind, amount } of items) this.#addUp(role, 'leaving', kind, sign * amount);
  }

  #addUp(role: RoleState<M>, sum: 'reserved' | 'plain' | 'leaving', kind: CountedKind, amount: number): void {
    for (let at: RoleState<M> | null = role; at !== null; at = at.parent) {
      addAt(at[sum], kind.column, amount);
      this.touch(at);
    }
  }
}
