import { Heap } from '../lib/heap.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Framework } from '../snapshot/framework.ts';
import { findRoom, type Found } from './find-room.ts';
import { NodeOrder } from './node-order.ts';
import type { Answer, AnswerOffers, Launch, Offer, OfferRecord } from './offer.ts';
import { Room, type Taken } from './room.ts';
import { dominantShare, shareAfter } from './shares.ts';

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

/** A framework in the competition, with what it holds now. */
interface Client {
  readonly framework: Framework;
  readonly held: Float64Array;
  share: number;
  /** Rows of its classes in the matrices that still have pending tasks. */
  readonly rows: number[];
  readonly filled: Map<number, number>;
}

/** A role in the competition, with its frameworks in order. */
interface Account {
  readonly name: string;
  readonly weight: number;
  readonly held: Float64Array;
  share: number;
  readonly clients: Heap<Client>;
}

const accountBefore = (a: Account, b: Account): boolean =>
  a.share < b.share || (a.share === b.share && a.name < b.name);

const clientBefore = (a: Client, b: Client): boolean => {
  if (a.framework.priority !== b.framework.priority) return a.framework.priority > b.framework.priority;
  return a.share < b.share || (a.share === b.share && a.framework.id < b.framework.id);
};

/** Sets the competition up: every role with a framework that has pending tasks and may take them. */
function openAccounts(snapshot: Snapshot, matrices: Matrices): Heap<Account> {
  const rowsOf = new Map<number, number[]>();
  matrices.classes.forEach(({ framework, pending }, row) => {
    if (pending.length === 0 || snapshot.frameworks[framework]!.hold) return;
    const rows = rowsOf.get(framework);
    if (rows) rows.push(row);
    else rowsOf.set(framework, [row]);
  });
  const accounts: Account[] = [];
  for (const role of snapshot.roles) {
    const clients: Client[] = [];
    for (const index of role.frameworks) {
      const rows = rowsOf.get(index);
      if (!rows) continue;
      const held = snapshot.held[index]!.slice();
      const share = dominantShare(held, snapshot.total, 1);
      clients.push({ framework: snapshot.frameworks[index]!, held, share, rows, filled: new Map() });
    }
    if (clients.length === 0) continue;
    const held = role.held.slice();
    const share = dominantShare(held, snapshot.total, role.weight);
    accounts.push({
      name: role.name,
      weight: role.weight,
      held,
      share,
      clients: new Heap(clients, clientBefore),
    });
  }
  return new Heap(accounts, accountBefore);
}

/** The smallest t in 1..most for which `stillFirst(t)` fails, or `most`; stillFirst never turns true again. */
function runLength(most: number, stillFirst: (tasks: number) => boolean): number {
  let low = 1;
  let high = most;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stillFirst(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
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
  const { total } = snapshot;
  const { demand } = matrices;
  const room = new Room(snapshot, matrices);
  const orders = new Map<number, NodeOrder>();
  const accounts = openAccounts(snapshot, matrices);
  const launches: Launch[] = [];
  const offers: OfferRecord[] = [];
  const declined = new Map<number, string>();
  const givenBack = new Map<number, readonly Taken[]>();
  const orderOf = (row: number): NodeOrder => {
    let order = orders.get(row);
    if (!order) orders.set(row, (order = new NodeOrder(snapshot, matrices, row, room)));
    return order;
  };
  const pendingOf = (client: Client, row: number): number => {
    const { id, pending } = matrices.classes[row]!;
    return pending.length - (client.filled.get(id) ?? 0);
  };

  /** How many tasks of a row the client may take before somebody else is due. */
  const turn = (account: Account, client: Client, row: number): number => {
    const rivalRole = accounts.second;
    const rival = account.clients.second;
    return runLength(pendingOf(client, row), (tasks) => {
      const share = shareAfter(account.held, demand, row, tasks, total, account.weight);
      if (rivalRole && !accountBefore({ ...account, share }, rivalRole)) return false;
      const own = shareAfter(client.held, demand, row, tasks, total, 1);
      return !rival || clientBefore({ ...client, share: own }, rival);
    });
  };

  /** Makes offers of what was found, asks the framework, and settles its answer. */
  const settle = (account: Account, client: Client, found: readonly Found[]): Answer => {
    const { framework } = client;
    const made = found.map(({ taken, numbers }, i): Offer => ({
      id: `${snapshot.now.toString(36)}-${offers.length + i}`,
      framework: framework.index,
      role: account.name,
      agent: taken.agent,
      demandClass: matrices.classes[taken.row]!,
      tasks: taken.tasks,
      ports: numbers,
    }));
    const reply = answer({ framework, offers: made, filled: client.filled });
    const accepted = reply.kind === 'accept';
    for (const offer of made) {
      offers.push({
        offer,
        answer: accepted ? 'accepted' : 'declined',
        reason: accepted ? '' : reply.reason,
      });
    }
    if (reply.kind === 'decline') {
      const taken = found.map((f) => f.taken);
      declined.set(framework.index, reply.reason);
      givenBack.set(framework.index, taken);
      for (const each of taken.toReversed()) room.undo(each);
      return reply;
    }
    launches.push(...reply.launches);
    for (const { taken } of found) {
      const { id } = matrices.classes[taken.row]!;
      client.filled.set(id, (client.filled.get(id) ?? 0) + taken.tasks);
      for (let r = 0; r < total.length; r++) {
        const amount = taken.tasks * demand[taken.row * total.length + r]!;
        client.held[r]! += amount;
        account.held[r]! += amount;
      }
    }
    client.share = dominantShare(client.held, total, 1);
    account.share = dominantShare(account.held, total, account.weight);
    return reply;
  };

  for (let account = accounts.first; account; account = accounts.first) {
    const client = account.clients.first;
    if (!client) {
      accounts.removeFirst();
      continue;
    }
    const { gang } = client.framework;
    const wanted = gang
      ? client.rows.map((row) => ({ row, tasks: pendingOf(client, row) }))
      : [{ row: client.rows[0]!, tasks: turn(account, client, client.rows[0]!) }];
    const { found, complete } = findRoom(room, orderOf, wanted);
    const reply = found.length > 0 || gang ? settle(account, client, found) : undefined;

    const row = client.rows[0]!;
    if (!gang && (!complete || pendingOf(client, row) === 0)) client.rows.shift();
    if (gang || client.rows.length === 0 || reply?.kind === 'decline') account.clients.removeFirst();
    else account.clients.sinkFirst();
    accounts.sinkFirst();
  }
  return { launches, offers, declined, givenBack, supply: room.supply };
}
