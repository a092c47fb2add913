import type { ServerSelector, ServerWish } from '../api/allocation.ts';
import { SESSIONS } from '../api/group.ts';
import type { PoolTraits } from '../frameworks/pool/traits.ts';
import { selects } from '../snapshot/reading/selector.ts';
import { sessionsTaken, type Counter } from '../snapshot/hints.ts';
import type { TaskPod } from '../snapshot/slots.ts';
import type { Inventory, Stand } from './inventory.ts';

/** What is known beside the servers. */
export interface Scene {
  /** Undefined when there is no such pool. */
  readonly pool: (namespace: string, name: string) => PoolTraits | undefined;
  /** Whether servers of a node can be given out: it is well, and nobody drains it. */
  readonly mayUse: (node: string) => boolean;
}

/** What somebody looks for. */
export type Search = Pick<ServerWish, 'namespace' | 'selectors' | 'order'>;

/** How many sessions hold a server. */
const sessionsOn = ({ task }: TaskPod): number => (task.session === '' ? 0 : task.sessions.length);

/** A counter of a server. Sessions are counted here: a server that never had one says nothing of them. */
const counterOf = (server: TaskPod, name: string, { perServer }: PoolTraits): Counter | undefined =>
  name === SESSIONS && perServer > 1
    ? { count: sessionsOn(server), capacity: sessionsTaken(server.task.counters, perServer) }
    : server.task.counters[name];

/** Whether players reach a server of a pool, and it is what a selector asks for. */
function fits(
  server: TaskPod,
  { state, labels: wanted, matchExpressions = [], counters }: ServerSelector,
  pool: PoolTraits,
): boolean {
  const { labels, task } = server;
  if (pool.addressed && task.serviceAddress === '') return false;
  if (state !== undefined && (state === 'Ready') !== (task.session === '')) return false;
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  if (!selects(matchExpressions, labels)) return false;
  for (const name in counters) {
    const { minCount = 0, maxCount = Infinity, minAvailable } = counters[name]!;
    const counter = counterOf(server, name, pool);
    if (!counter || counter.count < minCount || counter.count > maxCount) return false;
    if (minAvailable !== undefined && (counter.capacity ?? Infinity) - counter.count < minAvailable)
      return false;
  }
  return true;
}

/** The stands of a pool, the one first that servers are to be taken from first; most callers need no other. */
function* inOrder(stands: Iterable<Stand>, { scheduling }: PoolTraits): Generator<Stand, void, void> {
  const sign = scheduling === 'Packed' ? -1 : 1;
  const compare = ({ node: a }: Stand, { node: b }: Stand): number =>
    sign * (a.held - b.held || a.all - b.all) || (a.name < b.name ? -1 : 1);
  const all = [...stands];
  let first = all[0];
  if (first === undefined) return;
  for (const stand of all) if (compare(stand, first) < 0) first = stand;
  yield first;
  yield* all.filter((stand) => stand !== first).sort(compare);
}

/**
 * How little a server of a pool is wanted, from 0. One of an older template is to come free; where servers take several
 * sessions, Packed fills those that have some, so that others stay free, and Distributed leaves none free.
 */
function reluctance({ task }: TaskPod, { revision, scheduling, perServer }: PoolTraits): number {
  const isHeld = task.session !== '';
  if (task.revision !== revision) return isHeld ? 3 : 2;
  return perServer > 1 && isHeld !== (scheduling === 'Packed') ? 1 : 0;
}

/** Of servers of one node, whether `a` is less in the way of an update, or of a pool that shrinks, than `b`. */
function isBetter(a: TaskPod, b: TaskPod, pool: PoolTraits): boolean {
  const sign = pool.scheduling === 'Packed' ? -1 : 1;
  const order =
    reluctance(a, pool) - reluctance(b, pool) ||
    sign * (sessionsOn(a) - sessionsOn(b)) ||
    a.task.deletionPriority - b.task.deletionPriority ||
    a.task.slot - b.task.slot;
  return order < 0;
}

/** The server of a pool that comes first by its node; where servers take several sessions, by what of it is in use first. */
function byNode(stands: Iterable<Stand>, selector: ServerSelector, pool: PoolTraits, scene: Scene) {
  let found: TaskPod | undefined;
  for (const { node, servers } of inOrder(stands, pool)) {
    if (!scene.mayUse(node.name)) continue;
    let best: TaskPod | undefined;
    for (const server of servers)
      if (fits(server, selector, pool) && (!best || isBetter(server, best, pool))) best = server;
    if (best && (!found || reluctance(best, pool) < reluctance(found, pool))) found = best;
    if (found && (pool.perServer === 1 || reluctance(found, pool) === 0)) return found;
  }
  return found;
}

/** The server of a pool that has the least, or the most, of a counter. It looks at all free servers of the pool. */
function byCounter(
  stands: Iterable<Stand>,
  selector: ServerSelector,
  { counter, by, direction }: NonNullable<Search['order']>,
  pool: PoolTraits,
  scene: Scene,
) {
  const sign = direction === 'Ascending' ? 1 : -1;
  let best: TaskPod | undefined;
  let least = Infinity;
  for (const { node, servers } of stands) {
    if (!scene.mayUse(node.name)) continue;
    for (const server of servers) {
      const { count, capacity = Infinity } = counterOf(server, counter, pool) ?? {};
      if (count === undefined || !fits(server, selector, pool)) continue;
      const rank = sign * (by === 'Count' ? count : capacity - count);
      if (best && rank >= least) continue;
      [best, least] = [server, rank];
    }
  }
  return best;
}

/** The free server that fits best; undefined when none fits. */
export function pick(inventory: Inventory, search: Search, scene: Scene): TaskPod | undefined {
  const { namespace, selectors, order } = search;
  for (const selector of selectors) {
    const names = selector.pool === undefined ? inventory.poolsOf(namespace) : [selector.pool];
    for (const name of names) {
      const pool = scene.pool(namespace, name);
      if (!pool || (selector.role !== undefined && selector.role !== pool.role)) continue;
      const stands = inventory.standsOf(namespace, name);
      const server = order
        ? byCounter(stands, selector, order, pool, scene)
        : byNode(stands, selector, pool, scene);
      if (server) return server;
    }
  }
  return undefined;
}
