import { Holds, type Bundle, type Resources } from '../resources/resource-bundle.ts';
import { DrfSorter } from './drf-sorter.ts';
import { Ledger } from './ledger.ts';
import { RandomSorter } from './random-sorter.ts';
import { RoleTree, type RoleState } from './role-tree.ts';
import { SorterTotals } from './sorter-totals.ts';
import type { Sorter, SorterKind } from './sorter.ts';
import type { Client } from './sorter-node.ts';

/** Marks of accounts in their sorters: what a walk looks for. */
export const Marks = {
  /** Has an unsatisfied guarantee. */
  wanting: 1,
  /** Its limit leaves room for some plain scalar. */
  roomy: 2,
  /** Has a framework that offers can be made to. */
  offered: 4,
  /** Roles and their members: has, or is, a fresh member. */
  fresh: 8,
  /** Roles and their members: has, or is, a member that bids for room now. */
  bidding: 16,
} as const;

/** How accounts are kept. */
export interface AccountOptions {
  readonly roleSorter: SorterKind;
  readonly frameworkSorter: SorterKind;
  /** Columns that do not count in shares. */
  readonly unshared: ReadonlySet<number>;
  /** Whether a role is also held to the limits of those above it, and may have a limit below another role. */
  readonly nestedLimits: boolean;
}

/** A framework under one role, as far as its account is concerned. */
export interface Member<M> {
  readonly role: RoleState<M>;
  /** In the role's framework sorter. */
  client: Client<M>;
  /** Whether offers can be made to it: the client is active. */
  offered: boolean;
  /** Whether agents that all refused must be shown to it: it may be welcome where it was not. */
  fresh: boolean;
  /** Whether it bids for room in the filling under way. */
  bidding: boolean;
}

/** Who draws on the cluster, how much each holds, and so who comes next. */
export class Accounts<M extends Member<M>> {
  readonly options: AccountOptions;
  readonly roles = new RoleTree<M>();
  /** Totals of the cluster, for every sorter. */
  readonly totals = new SorterTotals();
  readonly roleSorter: Sorter<RoleState<M>>;
  /** Scalars held by members, by column. */
  readonly held = new Ledger();
  /** Of those the reserved ones. */
  readonly heldReserved = new Ledger();
  /**
   * Scalars that nobody holds and that quota does not count on, by column: revocable ones, and what others than members
   * use. Below nothing where more is free than totals and holdings say.
   */
  readonly uncounted: number[] = [];
  /**
   * Plain scalars that revocable members of roles hold, by column. They are no part of what the roles count as plain: as
   * in Mesos, quota is about what is not revocable.
   */
  readonly revocable: { readonly role: RoleState<M>; readonly amounts: readonly number[] }[] = [];

  /** Grows whenever a framework may become welcome where it was not; the framework is fresh then. */
  openings = 0;
  /** Who opened since this count is still marked as fresh. */
  freshSince = 0;
  readonly #fresh = new Set<M>();
  /** Grows whenever quota may permit what it did not. */
  room = 0;

  constructor(options: AccountOptions) {
    this.options = options;
    this.roleSorter = this.#sorter(options.roleSorter);
  }

  /** The account of a role, opened if need be. */
  open(path: string): RoleState<M> {
    const role = this.roles.obtain(path);
    if (role.sorter === null) {
      role.sorter = this.#sorter(this.options.frameworkSorter);
      role.client = this.roleSorter.add(path, role);
      this.roleSorter.activate(role.client);
      this.refreshMarks(role);
    }
    return role;
  }

  /** Puts a framework under the role of an open account; offers are not made to it yet. @param rank see {@link Sorter.add} @returns its client */
  admit(id: string, member: M, rank = 0): Client<M> {
    const { role } = member;
    this.roles.touch(role);
    role.members.set(id, member);
    return role.sorter!.add(id, member, rank);
  }

  /** Takes out a framework that holds nothing; an account without any is closed. */
  dismiss(id: string, member: M): void {
    const { role, client } = member;
    if (this.#fresh.delete(member)) role.freshMembers--;
    role.sorter!.remove(client);
    role.members.delete(id);
    this.roles.touch(role);
    if (role.members.size > 0) return;
    this.roleSorter.remove(role.client!);
    role.client = null;
    role.sorter = null;
    this.roles.prune(role);
  }

  /**
   * Adds what a member gets of an agent.
   * @param task what one of several tasks takes, as the sorters count; left out = all is one
   * @param times how many tasks
   */
  charge(member: M, agent: string, resources: Resources, task: Bundle = resources, times = 1): void {
    const { role, client } = member;
    role.sorter!.allocate(client, agent, task, times);
    this.roleSorter.allocate(role.client!, agent, task, times);
    this.roles.countPlain(role, resources, 1);
    this.held.add(agent, resources);
    if (isReserved(resources)) this.heldReserved.add(agent, reservedOf(resources));
  }

  /** Takes back what was charged. */
  refund(member: M, agent: string, resources: Resources): void {
    const { role, client } = member;
    role.sorter!.unallocate(client, agent, resources);
    this.roleSorter.unallocate(role.client!, agent, resources);
    this.roles.countPlain(role, resources, -1);
    this.held.subtract(agent, resources);
    if (isReserved(resources)) this.heldReserved.subtract(agent, reservedOf(resources));
  }

  /** Replaces a part of what was charged by another form of it. */
  exchange(member: M, agent: string, from: Resources, to: Resources): void {
    const { role, client } = member;
    role.sorter!.update(client, agent, from, to);
    this.roleSorter.update(role.client!, agent, from, to);
    this.roles.countPlain(role, from, -1);
    this.roles.countPlain(role, to, 1);
    this.held.subtract(agent, from);
    this.held.add(agent, to);
    if (isReserved(from)) this.heldReserved.subtract(agent, reservedOf(from));
    if (isReserved(to)) this.heldReserved.add(agent, reservedOf(to));
  }

  /** Sets whether offers can be made to a member. */
  setOffered(member: M, offered: boolean): void {
    if (offered === member.offered) return;
    const { role, client } = member;
    member.offered = offered;
    role.offeredMembers += offered ? 1 : -1;
    if (offered) {
      role.sorter!.activate(client);
      this.freshen(member);
    } else role.sorter!.deactivate(client);
    this.roles.touch(role);
    this.refreshMarks(role);
  }

  /** A member may be welcome where it was not: agents that all refused are shown to it again. */
  freshen(member: M): void {
    this.openings++;
    if (member.fresh) return;
    const { role, client } = member;
    member.fresh = true;
    this.#fresh.add(member);
    role.freshMembers++;
    role.sorter!.mark(client, client.node.marks | Marks.fresh);
    if (role.offeredMembers > 0) this.roleSorter.mark(role.client!, role.client!.node.marks | Marks.fresh);
  }

  /** All agents have been shown to the fresh members. */
  settleFresh(): void {
    for (const member of this.#fresh) {
      const { role, client } = member;
      member.fresh = false;
      role.freshMembers = 0;
      role.sorter!.mark(client, client.node.marks & ~Marks.fresh);
      this.roleSorter.mark(role.client!, role.client!.node.marks & ~Marks.fresh);
    }
    this.#fresh.clear();
    this.freshSince = this.openings;
  }

  /** Sets whether a member that offers can be made to bids for room. */
  setBidding(member: M, bidding: boolean): void {
    if (bidding === member.bidding) return;
    const { role, client } = member;
    member.bidding = bidding;
    role.biddingMembers += bidding ? 1 : -1;
    role.sorter!.mark(client, withMark(client.node.marks, Marks.bidding, bidding));
    const { marks } = role.client!.node;
    this.roleSorter.mark(role.client!, withMark(marks, Marks.bidding, role.biddingMembers > 0));
  }

  /** Marks a role for walks; for one with quota the next run says how. */
  refreshMarks(role: RoleState<M>, marks: number = Marks.roomy): void {
    if (role.client === null) return;
    const fresh = role.freshMembers > 0 ? Marks.fresh : 0;
    const bidding = role.biddingMembers > 0 ? Marks.bidding : 0;
    this.roleSorter.mark(role.client, role.offeredMembers > 0 ? marks | Marks.offered | fresh | bidding : 0);
  }

  #sorter<T>(kind: SorterKind): Sorter<T> {
    return kind === 'drf'
      ? new DrfSorter<T>(this.totals, this.options.unshared)
      : new RandomSorter<T>(this.totals, this.options.unshared);
  }
}

const withMark = (marks: number, mark: number, on: boolean): number => (on ? marks | mark : marks & ~mark);

const isReserved = ({ flags }: Resources): boolean => (flags & Holds.reserved) !== 0;

const reservedOf = (resources: Resources): Resources =>
  resources.filter((kind) => kind.reservations.length > 0);
