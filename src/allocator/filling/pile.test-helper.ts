import { NONE } from '../roles/dominant-share.ts';
import { byColumn, parseQuantities } from '../resources/quantities.ts';
import { parseResources } from '../resources/resources.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import { Accounts, type AccountOptions, type Member } from '../roles/accounts.ts';
import { QuotaBook } from '../roles/quota-book.ts';
import { quotaOf, type RoleState } from '../roles/role-tree.ts';
import type { Client } from '../roles/sorter-node.ts';
import type { Allowance, Refusal } from './allowance.ts';
import type { Bid, Bidder } from './bidder.ts';
import { fill } from './fill.ts';

const bundle = (text: string) => parseResources(text, 'test');

/** A framework of a pile: it wants `most` tasks, all or nothing if it is a gang. */
class PileBidder implements Bidder<PileBidder>, Member<PileBidder> {
  readonly member = this;
  readonly role: RoleState<PileBidder>;
  client!: Client<PileBidder>;
  offered = false;
  fresh = false;
  bidding = false;
  tasks = 0;
  refusal: Refusal | undefined;
  #left: number;
  readonly #task: Bundle;
  readonly #gang: number;
  readonly #pile: Pile;

  constructor(pile: Pile, role: RoleState<PileBidder>, task: string, most: number, gang: boolean) {
    this.#pile = pile;
    this.role = role;
    this.#gang = gang ? most : 1;
    const { items } = bundle(task);
    this.#task = { items: items.map((item) => ({ ...item, amount: item.amount * this.#gang })) };
    this.#left = gang ? 1 : most;
  }

  next(allowance: Allowance): Bid | null {
    return this.#left > 0 && allowance.counts(this.#task.items)
      ? { bundle: this.#task, most: this.#left }
      : null;
  }

  take({ bundle: { items } }: Bid, tasks: number, allowance: Allowance): boolean {
    const { free, accounts, turns } = this.#pile;
    const wanted = allowance.counted(items, tasks, null);
    const room = Math.min(
      wanted,
      ...items.map(({ kind, amount }) => Math.floor((free[kind.column] ?? 0) / amount)),
    );
    const taken = allowance.fit(items, room, null);
    allowance.spend(items, taken, null);
    if (taken < room) this.refusal = allowance.refusal(items, null);
    for (const { kind, amount } of items) free[kind.column]! -= taken * amount;
    accounts.roleSorter.allocate(this.role.client!, '', this.#task, taken);
    this.role.sorter!.allocate(this.client, '', this.#task, taken);
    this.tasks += taken * this.#gang;
    this.#left = taken < wanted ? 0 : this.#left - taken;
    if (taken > 0) turns.push(`${this.client.path}:${taken}`);
    return taken > 0;
  }
}

/** A cluster of one pile that demands share: what progressive filling does with it, for tests. */
export class Pile {
  readonly free: number[] = [];
  readonly accounts: Accounts<PileBidder>;
  /** Who took how many tasks (or gangs), turn by turn. */
  readonly turns: string[] = [];
  readonly #book: QuotaBook<PileBidder>;
  readonly #bidders = new Map<string, PileBidder>();

  constructor(total: string, options: Partial<AccountOptions> = {}) {
    const defaults = { roleSorter: 'drf', frameworkSorter: 'drf', unshared: NONE } as const;
    this.accounts = new Accounts({ ...defaults, nestedLimits: true, ...options });
    this.#book = new QuotaBook(this.accounts);
    this.accounts.totals.add(bundle(total));
    for (const { kind, amount } of bundle(total).items) this.free[kind.column] = amount;
  }

  weight(role: string, weight: number): this {
    this.accounts.roleSorter.setWeight(role, weight);
    return this;
  }

  quota(role: string, guarantee: string, limit: string): this {
    const read = (text: string) => byColumn(parseQuantities(text, 'test'));
    this.accounts.roles.setQuota(role, quotaOf(read(guarantee), read(limit)));
    return this;
  }

  /** Adds a framework that wants tasks. */
  wants(id: string, role: string, task: string, most: number, { rank = 0, gang = false } = {}): this {
    const bidder = new PileBidder(this, this.accounts.open(role), task, most, gang);
    bidder.client = this.accounts.admit(id, bidder, rank);
    this.accounts.setOffered(bidder, true);
    this.#bidders.set(id, bidder);
    return this;
  }

  fill(...keys: number[]): this {
    this.#book.begin();
    fill(this.accounts, this.#book, [...this.#bidders.values()], ...keys);
    this.#book.end();
    return this;
  }

  /** Tasks of each framework. */
  get tasks(): Record<string, number> {
    return Object.fromEntries([...this.#bidders].map(([id, { tasks }]) => [id, tasks]));
  }

  /** Why quota kept a framework from more. */
  refusalOf(id: string): Refusal | undefined {
    return this.#bidders.get(id)!.refusal;
  }
}
