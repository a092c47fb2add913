import { Heap } from '../lib/heap.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Framework } from '../snapshot/framework.ts';
import { dominantShare, shareAfter } from './shares.ts';

/** A framework in the competition, with what it holds now. */
export interface Client {
  readonly framework: Framework;
  /** R amounts. */
  readonly held: Float64Array;
  share: number;
  /** Rows of its classes in the matrices that may still have pending tasks, next first. */
  readonly rows: number[];
  /** Tasks filled in this run, by class id. */
  readonly filled: Map<number, number>;
}

/** A role in the competition, with its frameworks in order. */
export interface Account {
  readonly name: string;
  readonly weight: number;
  /** R amounts. */
  readonly held: Float64Array;
  share: number;
  readonly clients: Heap<Client>;
}

/** Roles by share, then name. */
const accountBefore = (a: Account, b: Account): boolean =>
  a.share < b.share || (a.share === b.share && a.name < b.name);

/** Frameworks of a role by priority, then share, then id. */
const clientBefore = (a: Client, b: Client): boolean => {
  if (a.framework.priority !== b.framework.priority) return a.framework.priority > b.framework.priority;
  return a.share < b.share || (a.share === b.share && a.framework.id < b.framework.id);
};

/** Sets the competition up: every role with a framework that has pending tasks and may take them. */
export function openAccounts(snapshot: Snapshot, matrices: Matrices): Heap<Account> {
  const rowsOf = new Map<number, number[]>();
  matrices.classes.forEach(({ framework, pending }, row) => {
    if (pending.length === 0 || snapshot.frameworks[framework]!.hold) return;
    const rows = rowsOf.get(framework);
    if (rows) rows.push(row);
    else rowsOf.set(framework, [row]);
  });
  const accounts: Account[] = [];
  for (const { name, weight, held: holds, frameworks } of snapshot.roles) {
    const clients = frameworks
      .filter((index) => rowsOf.has(index))
      .map((index): Client => {
        const held = snapshot.held[index]!.slice();
        const share = dominantShare(held, snapshot.total, 1);
        const framework = snapshot.frameworks[index]!;
        return { framework, held, share, rows: rowsOf.get(index)!, filled: new Map() };
      });
    if (clients.length === 0) continue;
    const held = holds.slice();
    const share = dominantShare(held, snapshot.total, weight);
    accounts.push({ name, weight, held, share, clients: new Heap(clients, clientBefore) });
  }
  return new Heap(accounts, accountBefore);
}

/** Tasks of a row that the client still lacks. */
export function lacking({ filled }: Client, { classes }: Matrices, row: number): number {
  const { id, pending } = classes[row]!;
  return pending.length - (filled.get(id) ?? 0);
}

/** Charges tasks that a client accepted to it and to its role. */
export function charge(
  account: Account,
  client: Client,
  matrices: Matrices,
  row: number,
  tasks: number,
): void {
  const { demand, classes } = matrices;
  const { id } = classes[row]!;
  client.filled.set(id, (client.filled.get(id) ?? 0) + tasks);
  const R = client.held.length;
  for (let r = 0; r < R; r++) {
    const amount = tasks * demand[row * R + r]!;
    client.held[r]! += amount;
    account.held[r]! += amount;
  }
}

/**
 * How many tasks of a row the first client of the first role may take before somebody else is due: what serving one
 * task at a time would give it in one go.
 */
export function turnOf(
  accounts: Heap<Account>,
  matrices: Matrices,
  row: number,
  total: Float64Array,
): number {
  const account = accounts.first!;
  const client = account.clients.first!;
  const rivalRole = accounts.second;
  const rival = account.clients.second;
  return runLength(lacking(client, matrices, row), (tasks) => {
    const share = shareAfter(account.held, matrices.demand, row, tasks, total, account.weight);
    if (rivalRole && !accountBefore({ ...account, share }, rivalRole)) return false;
    const own = shareAfter(client.held, matrices.demand, row, tasks, total, 1);
    return !rival || clientBefore({ ...client, share: own }, rival);
  });
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
