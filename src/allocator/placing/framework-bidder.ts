import { placeInLine } from '../../snapshot/framework-id.ts';
import { neededBy, type Framework } from '../../snapshot/framework.ts';
import type { Allowance, Refusal } from '../filling/allowance.ts';
import { Attempt } from '../preemption/attempt.ts';
import type { NominationDesk } from '../preemption/nomination-desk.ts';
import type { Bid, Bidder } from '../filling/bidder.ts';
import type { Accounts, Member } from '../roles/accounts.ts';
import type { RoleState } from '../roles/role-tree.ts';
import type { Client } from '../roles/sorter-node.ts';
import { bundleOf } from '../resources/column-bundle.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import type { Room, Taken } from '../room/room.ts';
import { findRoom, type Search } from './find-room.ts';
import { KeptOrder } from './kept-order.ts';
import { nearDomains } from './near-domains.ts';
import type { OfferDesk } from './offer-desk.ts';
import { append } from '../../lib/unbounded.ts';

/** Pending tasks of one class. */
interface Row {
  readonly row: number;
  readonly demand: Bundle;
  lacking: number;
  /** So many suffice for its gang. */
  readonly least: number;
  /** Those of them that were nominated in the last cycle, or take one over. */
  kept: number;
  /** Why quota kept it from room that is there, once it did. */
  refusal: Refusal | undefined;
}

/** A bid for tasks of one row, or of all rows together. */
interface RowBid extends Bid {
  readonly row: Row | null;
  /** Whether it is for the nominations of the last cycle. */
  readonly renews: boolean;
  /** Whether what a gang finds is kept for it though it is not enough. */
  readonly keeps?: boolean;
}

const joined = (a: Search, b: Search): Search => ({
  found: [...a.found, ...b.found],
  tasks: a.tasks + b.tasks,
  refusal: a.refusal ?? b.refusal,
});

/**
 * A framework of the snapshot in the filling: it bids for the tasks that its classes lack, class by class, or for all
 * of them at once if it is a gang. What it finds is offered to its accept function. For what it does not find it is
 * nominated: for room that is being freed, or that it has freed.
 */
export class FrameworkBidder implements Bidder<FrameworkBidder>, Member<FrameworkBidder> {
  readonly member = this;
  readonly role: RoleState<FrameworkBidder>;
  client: Client<FrameworkBidder>;
  offered = false;
  fresh = false;
  bidding = false;
  readonly #framework: Framework;
  readonly #accounts: Accounts<FrameworkBidder>;
  readonly #room: Room;
  readonly #desk: OfferDesk;
  readonly #nominationDesk: NominationDesk<FrameworkBidder>;
  /** Rows that may still find room, next first. */
  #rows: readonly Row[];
  readonly #gang: Bid | null;
  /** Tasks filled in this run, by class id. */
  readonly #filled = new Map<number, number>();

  /** @param rows of its classes that have pending tasks in the matrices */
  constructor(
    framework: Framework,
    rows: readonly number[],
    accounts: Accounts<FrameworkBidder>,
    desk: OfferDesk,
    nominationDesk: NominationDesk<FrameworkBidder>,
  ) {
    const { matrices, snapshot } = desk.room;
    this.#room = desk.room;
    this.#framework = framework;
    this.#accounts = accounts;
    this.#desk = desk;
    this.#nominationDesk = nominationDesk;
    this.#rows = rows.map((row) => ({
      row,
      demand: bundleOf(desk.room.demandOf(row)),
      lacking: matrices.classes[row]!.pending.length,
      least: neededBy(matrices.classes[row]!),
      kept: [...nominationDesk.keptOf(row).values()].reduce((sum, tasks) => sum + tasks, 0),
      refusal: undefined,
    }));
    this.#gang = framework.gang ? { bundle: this.#sum(), most: 1 } : null;
    this.role = accounts.open(framework.rolePath);
    this.client = accounts.admit(placeInLine(framework), this, framework.priority);
    const held = bundleOf(snapshot.held[framework.index]!);
    if (held.items.length > 0) this.role.sorter!.allocate(this.client, '', held);
    accounts.setOffered(this, true);
  }

  /** Its number in the snapshot. */
  get framework(): number {
    return this.#framework.index;
  }

  get priority(): number {
    return this.#framework.priority;
  }

  get revocable(): boolean {
    return this.#framework.revocable;
  }

  get isGang(): boolean {
    return this.#gang !== null;
  }

  /** Since when it waits, ms since the epoch. */
  get waitsSince(): number {
    return this.#framework.waitsSince;
  }

  /** Whether it could evict tasks of another one, whatever shares are. @param lacks its role lacks something of its guarantee */
  couldEvict(other: Framework, lacks: boolean): boolean {
    const stage = lacks ? 'guarantees' : 'shares';
    const mine = { framework: this.#framework, priority: this.priority, stage } as const;
    return this.#nominationDesk.rights.isThinkable(mine, other, other.priority);
  }

  /** What it needs, row by row. */
  get lacks(): readonly { readonly row: number; readonly least: number }[] {
    return this.#rows;
  }

  next(allowance: Allowance): RowBid | null {
    const rows = this.#rows;
    if (this.#gang !== null) {
      return rows.length > 0 && allowance.counts(this.#gang.bundle.items)
        ? { ...this.#gang, row: null, renews: false }
        : null;
    }
    const row = rows.find(({ demand }) => allowance.counts(demand.items));
    return row === undefined ? null : { bundle: row.demand, most: row.lacking, row, renews: false };
  }

  /** Bids for what it was nominated for in the last cycle, and where; nominations may be made again otherwise. */
  renewals(): readonly RowBid[] {
    if (this.#gang !== null) return this.#rows.length > 0 ? [{ ...this.#gang, row: null, renews: true }] : [];
    return this.#rows
      .filter(({ kept }) => kept > 0)
      .map((row) => ({ bundle: row.demand, most: Math.min(row.kept, row.lacking), row, renews: true }));
  }

  /** The bid of a gang that starves: what it finds is kept for it. Nothing once it has bid. */
  keeps(): readonly RowBid[] {
    return this.#gang !== null && this.#rows.length > 0
      ? [{ ...this.#gang, row: null, renews: false, keeps: true }]
      : [];
  }

  /**
   * Takes over nominations of another one that it comes before; see {@link NominationDesk.inherit}.
   * @param theirs rows of that one @param guarantee what its role may take of its guarantee; undefined when that is met
   * @returns whether it got any
   */
  inherit(theirs: readonly number[], guarantee: Allowance | undefined): boolean {
    let all = 0;
    for (const row of this.#rows) {
      // Who is nominated for all that it lacks takes over none.
      if (row.kept >= row.lacking) continue;
      const stage = guarantee?.counts(row.demand.items) ? 'guarantees' : 'shares';
      const tasks = this.#nominationDesk.inherit(this.#framework, this.role, stage, row.row, theirs);
      row.kept += tasks;
      all += tasks;
    }
    return all > 0;
  }

  /** Has what it took over from now on. */
  takeOver(): void {
    for (const { row } of this.#rows) this.#nominationDesk.handOver(row);
  }

  take({ row, renews, keeps = false }: RowBid, tasks: number, allowance: Allowance): boolean {
    return row === null ? this.#takeAll(allowance, renews, keeps) : this.#take(row, tasks, allowance, renews);
  }

  #take(row: Row, tasks: number, allowance: Allowance, renews: boolean): boolean {
    const { demand } = row;
    this.#room.begin();
    const search = this.#findRoom(row, tasks, renews, allowance, (most, reserved) =>
      allowance.counted(demand.items, most, reserved),
    );
    let found = search.tasks;
    let attempt: Attempt<FrameworkBidder> | undefined;
    // Fewer than it should have, though one more would count: there is no more room now.
    while (found < tasks && !search.refusal && allowance.counts(demand.items)) {
      attempt ??= this.#attempt(allowance, search.found, renews);
      if (attempt.one(row.row, demand) === undefined) break;
      found++;
    }
    if (!renews) row.refusal ??= search.refusal ?? attempt?.refusal;
    if (!renews && found < tasks && allowance.counts(demand.items)) {
      this.#close(row);
      if (row.refusal) this.#desk.refuse(row.row, row.refusal);
    }
    if (search.tasks > 0 && !this.#desk.offer(this.#framework, search.found, this.#filled)) {
      this.#room.rollBack();
      this.#rows = [];
      return false;
    }
    this.#room.commit();
    attempt?.settle();
    this.#charge(row, search.tasks, found - search.tasks);
    if (row.lacking === 0) this.#close(row);
    return found > 0;
  }

  /** A gang has one turn, for everything that it lacks. */
  #takeAll(allowance: Allowance, renews: boolean, keeps: boolean): boolean {
    const rows = this.#rows;
    const whole = allowance.refusal(this.#gang!.bundle.items, null);
    const found: Taken[] = [];
    const lacking: { readonly row: Row; readonly tasks: number }[] = [];
    let refusal: Refusal | undefined;
    const launched = new Map<Row, number>();
    this.#rows = [];
    this.#room.begin();
    const domains = this.#confine(rows);
    for (const row of rows) {
      let search = this.#findAll(row, renews, allowance, renews ? undefined : domains);
      // Where it had room there may be less than elsewhere beside it: who starts now may not join later.
      if (renews && search.tasks >= row.least && search.tasks < row.lacking)
        search = joined(
          search,
          this.#findAll({ ...row, lacking: row.lacking - search.tasks }, false, allowance, domains),
        );
      append(found, search.found);
      launched.set(row, search.tasks);
      if (search.tasks < row.least) {
        refusal ??= search.refusal;
        lacking.push({ row, tasks: row.least - search.tasks });
      }
      this.#desk.close(row.row);
    }
    if (lacking.length > 0 && !refusal) {
      const attempt = this.#attempt(allowance, found, renews);
      this.#room.begin();
      if (this.#nominateAll(attempt, lacking)) {
        this.#room.commit();
        this.#room.commit();
        attempt.settle();
        // Those who have room keep it until the others have theirs.
        for (const taken of found) this.#nominationDesk.note(taken);
        for (const row of rows) this.#charge(row, 0, Math.max(row.least, launched.get(row)!));
        return true;
      }
      this.#room.rollBack();
      refusal = attempt.refusal;
    }
    if (renews && (refusal || lacking.length > 0)) {
      this.#room.rollBack();
      this.#rows = rows;
      return false;
    }
    if (!this.#desk.offer(this.#framework, found, this.#filled)) {
      this.#room.rollBack();
      if (refusal) for (const { row } of rows) this.#desk.refuse(row, whole ?? refusal);
      else if (keeps) this.#desk.keptRoom.keep(this.framework, found);
      return false;
    }
    this.#room.commit();
    for (const row of rows) this.#charge(row, launched.get(row)!, 0);
    return true;
  }

  /** Says in which domains a gang looks for room, see {@link nearDomains}, and keeps it from others if it must be in one. */
  #confine(rows: readonly Row[]): readonly number[] | undefined {
    const { near } = this.#framework;
    if (near === undefined) return undefined;
    for (const { row } of rows) this.#room.confine(row, undefined);
    const kept = rows.flatMap(({ row }) => [...this.#nominationDesk.keptOf(row).keys()]);
    const domains = nearDomains(this.#desk, this.#framework, rows, kept);
    if (!near.isRequired) return domains;
    const { domainOf } = this.#room.topologyOf(near.key);
    // No agent has this number: without the label there is nowhere to go.
    const [domain = Number.NaN] = domains ?? [];
    for (const { row } of rows) this.#room.confine(row, { domainOf, domain });
    return domains;
  }

  /** Finds room for a row of a gang. @param domains where, in order; undefined = anywhere */
  #findAll(row: Row, renews: boolean, allowance: Allowance, domains: readonly number[] | undefined): Search {
    const all = (most: number): number => most;
    if (domains === undefined) return this.#findRoom(row, row.lacking, renews, allowance, all);
    const { domainOf } = this.#room.topologyOf(this.#framework.near!.key);
    const found: Taken[] = [];
    let tasks = 0;
    let refusal: Refusal | undefined;
    for (const domain of domains) {
      if (tasks === row.lacking || refusal) break;
      const order = this.#desk.orderWithin(row.row, { domainOf, domain });
      const wanted = { row: row.row, tasks: row.lacking - tasks, demand: row.demand, order };
      const search = findRoom(this.#room, wanted, allowance, all);
      append(found, search.found);
      tasks += search.tasks;
      refusal = search.refusal;
    }
    return { found, tasks, refusal };
  }

  /** @returns whether all are nominated */
  #nominateAll(
    attempt: Attempt<FrameworkBidder>,
    lacking: readonly { readonly row: Row; readonly tasks: number }[],
  ): boolean {
    return lacking.every(({ row, tasks }) => {
      for (let t = 0; t < tasks; t++) if (attempt.one(row.row, row.demand) === undefined) return false;
      return true;
    });
  }

  /** R: what those hold who found room. */
  #amountsOf(found: readonly Taken[]): Float64Array {
    const sum = new Float64Array(this.#room.snapshot.columns.count);
    const tasks = new Map<number, number>();
    for (const each of found) tasks.set(each.row, (tasks.get(each.row) ?? 0) + each.tasks);
    for (const [row, times] of tasks)
      this.#room.demandOf(row).forEach((amount, r) => (sum[r]! += times * amount));
    return sum;
  }

  /** @param found what it found in this turn, before it asks for more than there is */
  #attempt(allowance: Allowance, found: readonly Taken[], renews: boolean): Attempt<FrameworkBidder> {
    const got = this.#amountsOf(found);
    return new Attempt(this.#nominationDesk, this.#framework, this.role, allowance, got, renews);
  }

  /** See {@link findRoom}. @param renews whether only where it had nominations in the last cycle */
  #findRoom(
    { row, demand }: Row,
    tasks: number,
    renews: boolean,
    allowance: Allowance,
    each: Parameters<typeof findRoom>[3],
  ) {
    const order = renews
      ? new KeptOrder(this.#room, row, this.#nominationDesk.keptOf(row))
      : this.#desk.orderOf(row);
    const search = findRoom(this.#room, { row, tasks, demand, order }, allowance, each);
    if (renews) for (const taken of search.found) this.#nominationDesk.renewed(taken.agent, row, taken.tasks);
    return search;
  }

  #charge(row: Row, launched: number, nominated: number): void {
    const { id } = this.#room.matrices.classes[row.row]!;
    const tasks = launched + nominated;
    if (tasks === 0) return;
    this.#filled.set(id, (this.#filled.get(id) ?? 0) + launched);
    row.lacking -= tasks;
    row.kept = Math.max(0, row.kept - tasks);
    this.role.sorter!.allocate(this.client, '', row.demand, tasks);
    this.#accounts.roleSorter.allocate(this.role.client!, '', row.demand, tasks);
  }

  #close(row: Row): void {
    this.#desk.close(row.row);
    this.#rows = this.#rows.filter((other) => other !== row);
  }

  /** Demand of all tasks together that the gang needs. */
  #sum(): Bundle {
    const sum = new Float64Array(this.#room.snapshot.columns.count);
    for (const { row, least } of this.#rows)
      this.#room.demandOf(row).forEach((amount, r) => (sum[r]! += least * amount));
    return bundleOf(sum);
  }
}
