import type { Heap } from '../lib/heap.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/build.ts';
import { charge, lacking, openAccounts, turnOf, type Account, type Client } from './accounts.ts';
import { findRoom, type Found } from './placing/find-room.ts';
import { NodeOrder } from './placing/node-order.ts';
import type { AnswerOffers, Launch, Offer, OfferRecord } from './offer.ts';
import { Room, type Taken } from './placing/room.ts';
import { dominantShare } from './shares.ts';

/** What one run of the allocator decided. */
export interface Allocation {
  readonly launches: readonly Launch[];
  readonly offers: readonly OfferRecord[];
  /** For each declined framework, by number, its own words. */
  readonly declined: ReadonlyMap<number, string>;
  /** For each declined framework, by number, the room that it was offered and gave back. */
  readonly givenBack: ReadonlyMap<number, readonly Taken[]>;
  /** S after the launches, n x R. */
  readonly supply: Int32Array;
}

/**
 * The allocator: progressive filling under dominant resource fairness, at task granularity. The role with the least
 * dominant share is served next, in it the framework of the highest priority and then the least share; equal tasks
 * that would be served one after the other are served at once. A gang is offered all its tasks or none. The run ends
 * when nobody who wants something finds room, so the outcome is work conserving.
 *
 * Source: Ghodsi et al., NSDI 2011, algorithm 1; Mesos hierarchical allocator, stage 2.
 * @param answer the frameworks' accept functions
 */
export function allocate(snapshot: Snapshot, matrices: Matrices, answer: AnswerOffers): Allocation {
  return new Run(snapshot, matrices, answer).toEnd();
}

/** The state of one run. */
class Run {
  readonly #snapshot: Snapshot;
  readonly #matrices: Matrices;
  readonly #answer: AnswerOffers;
  readonly #room: Room;
  readonly #accounts: Heap<Account>;
  readonly #orders = new Map<number, NodeOrder>();
  readonly #launches: Launch[] = [];
  readonly #offers: OfferRecord[] = [];
  readonly #declined = new Map<number, string>();
  readonly #givenBack = new Map<number, readonly Taken[]>();

  constructor(snapshot: Snapshot, matrices: Matrices, answer: AnswerOffers) {
    this.#snapshot = snapshot;
    this.#matrices = matrices;
    this.#answer = answer;
    this.#room = new Room(snapshot, matrices);
    this.#accounts = openAccounts(snapshot, matrices);
  }

  toEnd(): Allocation {
    const accounts = this.#accounts;
    for (let account = accounts.first; account; account = accounts.first) {
      const client = account.clients.first;
      if (!client) {
        accounts.removeFirst();
        continue;
      }
      const goesOn = client.framework.gang ? this.#serveGang(account, client) : this.#serve(account, client);
      if (goesOn) account.clients.sinkFirst();
      else account.clients.removeFirst();
      accounts.sinkFirst();
    }
    return {
      launches: this.#launches,
      offers: this.#offers,
      declined: this.#declined,
      givenBack: this.#givenBack,
      supply: this.#room.supply,
    };
  }

  /** Serves the next tasks of a framework. @returns whether it may be served again in this run */
  #serve(account: Account, client: Client): boolean {
    const row = client.rows[0]!;
    const tasks = turnOf(this.#accounts, this.#matrices, row, this.#snapshot.total);
    const { found, complete } = findRoom(this.#room, this.#orderOf, [{ row, tasks }]);
    if (found.length > 0 && !this.#settle(account, client, found)) return false;
    if (!complete || lacking(client, this.#matrices, row) === 0) client.rows.shift();
    return client.rows.length > 0;
  }

  /** Serves a gang: it has one turn, for everything that it lacks. @returns false */
  #serveGang(account: Account, client: Client): boolean {
    const wanted = client.rows.map((row) => ({ row, tasks: lacking(client, this.#matrices, row) }));
    this.#settle(account, client, findRoom(this.#room, this.#orderOf, wanted).found);
    return false;
  }

  /** Makes offers of what was found, asks the framework, and settles its answer. @returns whether it accepted */
  #settle(account: Account, client: Client, found: readonly Found[]): boolean {
    const { framework, filled } = client;
    const offers = found.map((each, i) => this.#offerOf(account, client, each, i));
    const reply = this.#answer({ framework, offers, filled });
    const accepted = reply.kind === 'accept';
    const reason = accepted ? '' : reply.reason;
    for (const offer of offers)
      this.#offers.push({ offer, answer: accepted ? 'accepted' : 'declined', reason });

    const taken = found.map((each) => each.taken);
    if (!accepted) {
      this.#declined.set(framework.index, reason);
      this.#givenBack.set(framework.index, taken);
      for (const each of taken.toReversed()) this.#room.undo(each);
      return false;
    }
    for (const launch of reply.launches) this.#launches.push(launch);
    for (const { row, tasks } of taken) charge(account, client, this.#matrices, row, tasks);
    client.share = dominantShare(client.held, this.#snapshot.total, 1);
    account.share = dominantShare(account.held, this.#snapshot.total, account.weight);
    return true;
  }

  #offerOf(account: Account, { framework }: Client, { taken, numbers }: Found, at: number): Offer {
    return {
      id: `${this.#snapshot.now.toString(36)}-${this.#offers.length + at}`,
      framework: framework.index,
      role: account.name,
      agent: taken.agent,
      demandClass: this.#matrices.classes[taken.row]!,
      tasks: taken.tasks,
      ports: numbers,
    };
  }

  readonly #orderOf = (row: number): NodeOrder => {
    let order = this.#orders.get(row);
    if (!order)
      this.#orders.set(row, (order = new NodeOrder(this.#snapshot, this.#matrices, row, this.#room)));
    return order;
  };
}
