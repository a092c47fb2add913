import { LABEL } from '../api/group.ts';
import { stateByPod } from '../frameworks/pool/state.ts';
import { compareVersions } from '../lib/resource-version.ts';
import { sessionsTaken } from '../snapshot/hints.ts';
import type { Session } from '../snapshot/sessions.ts';
import type { TaskPod } from '../snapshot/slots.ts';
import type { PodFacts } from '../snapshot/task.ts';

/** Servers of one pool on one node that can be given out. */
export interface Stand {
  readonly node: NodeUse;
  readonly servers: Set<TaskPod>;
}

/** How many servers of pools are on a node. */
export interface NodeUse {
  readonly name: string;
  all: number;
  /** Those of them that a session holds: they keep the node from going. */
  held: number;
}

/** Pool of a server, as its label says; undefined for any other Pod. */
const poolOf = (pod: PodFacts): string | undefined =>
  pod.task === undefined ? undefined : pod.labels[LABEL.pool];

const isServer = (pod: PodFacts): pod is TaskPod => poolOf(pod) !== undefined;

/** Whether it still serves, or soon will. */
const lives = (pod: TaskPod): boolean => !pod.deleting && !pod.terminal && pod.task.exit === undefined;

/** Whether a session may have it, as far as its Pod tells; its node may be against it. */
const isFree = (pod: TaskPod): boolean => !pod.evicted && stateByPod(pod).to === 'Ready';

/** Whether all who hold it are sessions that share it. */
const isShared = ({ task }: TaskPod): boolean =>
  task.sessions.length > 0 && task.sessions.every(({ shares }) => shares);

/** How many sessions a server can take, as far as its Pod tells. @param perServer how many servers of its pool take */
function roomOf(pod: TaskPod, perServer: number): number {
  const { task } = pod;
  const most = sessionsTaken(task.counters, perServer);
  if (task.session === '') return isFree(pod) ? most : 0;
  if (!isShared(pod)) return 0;
  const room = most - task.sessions.length;
  return room > 0 && isFree({ ...pod, task: { ...task, session: '' } }) ? room : 0;
}

const isOlder = (a: PodFacts, b: PodFacts): boolean =>
  a.uid === b.uid && compareVersions(a.resourceVersion, b.resourceVersion) < 0;

/** Key of something of a namespace. */
const within = (namespace: string, name: string): string => `${namespace}/${name}`;

/** Whose a session is. */
interface Host {
  readonly server: TaskPod;
  readonly since: number;
}

/**
 * All servers of pools, filed so that a free one is found without a look at all of them: by pool, and there by node. It is fed with
 * what the watch shows and with what our own writes were answered.
 */
export class Inventory {
  readonly #servers = new Map<string, TaskPod>();
  /** Free ones, by pool and node. */
  readonly #stands = new Map<string, Map<string, Stand>>();
  readonly #pools = new Map<string, Set<string>>();
  readonly #nodes = new Map<string, NodeUse>();
  readonly #sessions = new Map<string, Host>();
  readonly #held = new Set<TaskPod>();
  /** How many sessions each server is about to get: writes to it are under way. */
  readonly #taken = new Map<string, number>();
  /** Servers of which we know an outdated state only, with its version. */
  readonly #spoiled = new Map<string, string>();
  /** Answers of our own writes that the watch has not shown yet. */
  readonly #answered = new Map<string, PodFacts>();
  readonly #perServer: (namespace: string, pool: string) => number;
  #onFree: () => void = () => {};

  /** @param perServer how many sessions servers of a pool take */
  constructor(perServer: (namespace: string, pool: string) => number = () => 1) {
    this.#perServer = perServer;
  }

  /** Has a listener told whenever a server becomes free. There is one alone. */
  subscribe(onFree: () => void): void {
    this.#onFree = onFree;
  }

  /** The watch shows a Pod. Until it has come as far as the answer of our own write, that counts. */
  put(pod: PodFacts): void {
    const own = this.#answered.get(pod.key);
    if (own && isOlder(pod, own)) return;
    this.#answered.delete(pod.key);
    this.#file(pod);
  }

  /** Our own write was answered with a Pod; the watch may show older states after it. */
  answered(pod: PodFacts): void {
    const known = this.#servers.get(pod.key);
    if (known && isOlder(pod, known)) return;
    this.#answered.set(pod.key, pod);
    this.#file(pod);
  }

  #file(pod: PodFacts): void {
    const before = this.#servers.get(pod.key);
    if (before) this.#drop(before);
    if (this.#spoiled.get(pod.key) !== pod.resourceVersion) this.#spoiled.delete(pod.key);
    if (isServer(pod)) this.#add(pod);
  }

  /** A Pod is gone. */
  delete(key: string): void {
    const pod = this.#servers.get(key);
    if (pod) this.#drop(pod);
    this.#answered.delete(key);
    this.#spoiled.delete(key);
  }

  /** Servers of a pool take another number of sessions. */
  refile(namespace: string, pool: string): void {
    const ours = Array.from(this.#servers.values()).filter(
      (server) => server.namespace === namespace && poolOf(server) === pool,
    );
    for (const { key } of ours) this.#refile(key);
  }

  /** The server of that key. */
  get(key: string): TaskPod | undefined {
    return this.#servers.get(key);
  }

  /** The server that a session of a namespace has. */
  ofSession(namespace: string, session: string): TaskPod | undefined {
    return this.#sessions.get(within(namespace, session))?.server;
  }

  /** Sessions that have a server, as `namespace/session`. */
  sessions(): Iterable<string> {
    return this.#sessions.keys();
  }

  /** All servers that are held, by sessions or by hand. */
  held(): Iterable<TaskPod> {
    return this.#held;
  }

  /** Pools of a namespace that have servers, by name. */
  poolsOf(namespace: string): string[] {
    return [...(this.#pools.get(namespace) ?? [])].sort();
  }

  /** Where a pool has free servers. */
  standsOf(namespace: string, pool: string): Iterable<Stand> {
    return this.#stands.get(within(namespace, pool))?.values() ?? [];
  }

  /** A session is about to get the server: nobody else gets that room. */
  take({ key }: TaskPod): void {
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
    this.#refile(key);
  }

  /** The session has the server that was taken for it, or will not have it; what the server is like is known. */
  giveBack({ key }: TaskPod): void {
    const left = (this.#taken.get(key) ?? 0) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
    this.#refile(key);
  }

  /** A write met another state than this one: the server is nobody's until that is seen. */
  spoil({ key, resourceVersion }: TaskPod): void {
    if (this.#servers.get(key)?.resourceVersion !== resourceVersion) return;
    this.#spoiled.set(key, resourceVersion);
    this.#refile(key);
  }

  /** Whether a server can take a session, those left out that are about to get it. */
  hasRoom(pod: TaskPod): boolean {
    return !this.#spoiled.has(pod.key) && roomOf(pod, this.#perServer(pod.namespace, poolOf(pod)!)) > 0;
  }

  #refile(key: string): void {
    const pod = this.#servers.get(key);
    if (!pod) return;
    this.#drop(pod);
    this.#add(pod);
  }

  #add(pod: TaskPod): void {
    const { namespace, key, node, task } = pod;
    const pool = poolOf(pod)!;
    this.#servers.set(key, pod);
    if (task.session !== '' && lives(pod)) {
      this.#held.add(pod);
      for (const session of task.sessions) this.#host(pod, session);
    }
    if (node === undefined) return;
    const crowd = this.#nodes.get(node) ?? { name: node, all: 0, held: 0 };
    this.#nodes.set(node, crowd);
    crowd.all++;
    if (task.session !== '') crowd.held++;
    if (this.#spoiled.has(key)) return;
    if (roomOf(pod, this.#perServer(namespace, pool)) <= (this.#taken.get(key) ?? 0)) return;
    const place = within(namespace, pool);
    const stands = this.#stands.get(place) ?? new Map<string, Stand>();
    const stand = stands.get(node) ?? { node: crowd, servers: new Set() };
    this.#stands.set(place, stands.set(node, stand));
    this.#pools.set(namespace, (this.#pools.get(namespace) ?? new Set()).add(pool));
    stand.servers.add(pod);
    this.#onFree();
  }

  /** Of two servers that say the same session, the one that had it first has it. */
  #host(server: TaskPod, { id, heldSince: since }: Session): void {
    const session = within(server.namespace, id);
    const other = this.#sessions.get(session);
    if (other === undefined || since < other.since) this.#sessions.set(session, { server, since });
  }

  #drop(pod: TaskPod): void {
    const { namespace, key, node, task } = pod;
    const pool = poolOf(pod)!;
    this.#servers.delete(key);
    this.#held.delete(pod);
    for (const { id } of task.sessions) {
      const session = within(namespace, id);
      if (this.#sessions.get(session)?.server === pod) this.#sessions.delete(session);
    }
    if (node === undefined) return;
    const crowd = this.#nodes.get(node)!;
    crowd.all--;
    if (task.session !== '') crowd.held--;
    if (crowd.all === 0) this.#nodes.delete(node);
    const place = within(namespace, pool);
    const stands = this.#stands.get(place);
    const stand = stands?.get(node);
    if (!stands || !stand?.servers.delete(pod) || stand.servers.size > 0) return;
    stands.delete(node);
    if (stands.size > 0) return;
    this.#stands.delete(place);
    const pools = this.#pools.get(namespace)!;
    pools.delete(pool);
    if (pools.size === 0) this.#pools.delete(namespace);
  }
}
