import type { Framework } from '../../snapshot/framework.ts';
import type { Allowance, Refusal } from '../filling/allowance.ts';
import type { Bid, Bidder } from '../filling/bidder.ts';
import type { Accounts, Member } from '../roles/accounts.ts';
import type { RoleState } from '../roles/role-tree.ts';
import type { Client } from '../roles/sorter.ts';
import type { Demand } from './bundles.ts';
import { findRoom, type Found } from './find-room.ts';
import type { OfferDesk } from './offer-desk.ts';

/** Pending tasks of one class. */
interface Row {
  readonly row: number;
  readonly demand: Demand;
  lacking: number;
  /** Why quota kept it from room that is there, once it did. */
  refusal: Refusal | undefined;
}

/** A bid for tasks of one row, or of all rows together. */
interface RowBid extends Bid {
  readonly row: Row | null;
}

/**
 * A framework of the snapshot in the filling: it bids for the tasks that its classes lack, class by class, or for all
 * of them at once if it is a gang. What it finds is offered to its accept function.
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
  readonly #desk: OfferDesk;
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
  ) {
    const { bundles, matrices, snapshot } = desk;
    this.#framework = framework;
    this.#accounts = accounts;
    this.#desk = desk;
    this.#rows = rows.map((row) => ({
      row,
      demand: bundles.ofTask(matrices, row),
      lacking: matrices.classes[row]!.pending.length,
      refusal: undefined,
    }));
    this.#gang = framework.gang ? { bundle: this.#sum(), most: 1 } : null;
    this.role = accounts.open(framework.rolePath);
    // A slash would make a tree of the ids.
    const id = framework.id.replaceAll('/', ':');
    this.client = accounts.admit(id, this, framework.priority);
    const held = bundles.of(snapshot.held[framework.index]!);
    if (held.items.length > 0) this.role.sorter!.allocate(this.client, '', held);
    accounts.setOffered(this, true);
  }

  next(allowance: Allowance): RowBid | null {
    const rows = this.#rows;
    if (this.#gang !== null) {
      return rows.length > 0 && allowance.counts(this.#gang.bundle.items)
        ? { ...this.#gang, row: null }
        : null;
    }
    const row = rows.find(({ demand }) => allowance.counts(demand.items));
    return row === undefined ? null : { bundle: row.demand, most: row.lacking, row };
  }

  take({ row }: RowBid, tasks: number, allowance: Allowance): boolean {
    return row === null ? this.#takeAll(allowance) : this.#take(row, tasks, allowance);
  }

  #take(row: Row, tasks: number, allowance: Allowance): boolean {
    const { demand } = row;
    const search = findRoom(this.#desk.room, this.#wanted(row, tasks), allowance, (most, reserved) =>
      allowance.counted(demand.items, most, reserved),
    );
    row.refusal ??= search.refusal;
    // Fewer than it should have had, though one more would count: the next will find nothing either.
    if (search.tasks < tasks && allowance.counts(demand.items)) {
      this.#close(row);
      if (row.refusal) this.#desk.refuse(this.#framework, row.refusal);
    }
    if (search.tasks === 0) return false;
    if (!this.#desk.offer(this.#framework, search.found, this.#filled)) {
      this.#rows = [];
      return false;
    }
    this.#charge(row, search.tasks);
    if (row.lacking === 0) this.#close(row);
    return true;
  }

  /** A gang has one turn, for everything that it lacks. */
  #takeAll(allowance: Allowance): boolean {
    const rows = this.#rows;
    const whole = allowance.refusal(this.#gang!.bundle.items, null);
    const found: Found[] = [];
    let refusal: Refusal | undefined;
    this.#rows = [];
    for (const row of rows) {
      const search = findRoom(this.#desk.room, this.#wanted(row, row.lacking), allowance, (most) => most);
      found.push(...search.found);
      refusal ??= search.refusal;
      this.#desk.close(row.row);
    }
    if (!this.#desk.offer(this.#framework, found, this.#filled)) {
      if (refusal) this.#desk.refuse(this.#framework, whole ?? refusal);
      return false;
    }
    for (const row of rows) this.#charge(row, row.lacking);
    return true;
  }

  #wanted({ row, demand }: Row, tasks: number) {
    return { row, tasks, demand, order: this.#desk.orderOf(row) };
  }

  #charge(row: Row, tasks: number): void {
    const { id } = this.#desk.matrices.classes[row.row]!;
    this.#filled.set(id, (this.#filled.get(id) ?? 0) + tasks);
    row.lacking -= tasks;
    this.role.sorter!.allocate(this.client, '', row.demand, tasks);
    this.#accounts.roleSorter.allocate(this.role.client!, '', row.demand, tasks);
  }

  #close(row: Row): void {
    this.#desk.close(row.row);
    this.#rows = this.#rows.filter((other) => other !== row);
  }

  /** Demand of all tasks together. */
  #sum(): Demand {
    const { bundles, matrices, snapshot } = this.#desk;
    const R = snapshot.columns.count;
    const sum = new Float64Array(R);
    for (const { row, lacking } of this.#rows) {
      for (let r = 0; r < R; r++) sum[r]! += lacking * matrices.demand[row * R + r]!;
    }
    return bundles.of(sum);
  }
}
