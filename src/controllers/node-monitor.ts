import type { Clock } from '../lib/clock.ts';
import { boundedTime } from '../lib/time.ts';
import type { Store } from '../kube/store.ts';
import { healthOf, massSilence, renewalMs, shouldAsk, spared, type Vitals } from '../recovery/heartbeat.ts';
import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import { readiness, type AgentFacts } from '../snapshot/agent.ts';
import type { NodeLease } from '../snapshot/node-lease.ts';

/** Times on our monotonic clock, so that a step of the wall clock makes nobody silent. */
interface Seen {
  heartbeatAt: number;
  intervalMs: number;
  unfitAt: number | undefined;
  /** What the kubelet's port last said in this silence; undefined when it was not asked. */
  answers: boolean | undefined;
  asking: boolean;
}

/** A node that came to be unfit or fit again. */
export interface Transition {
  readonly node: string;
  readonly fit: boolean;
  /** Why it is unfit; empty when it is fit. */
  readonly cause: string;
}

/**
 * Watches the agents' signs of life: Ready conditions and lease renewals, timed by our own clock at receipt. It runs
 * on followers too, so that a new leader knows at once who has been silent for how long.
 */
export class NodeMonitor {
  readonly #clock: Clock;
  readonly #nodes: Store<AgentFacts>;
  readonly #answers: (address: string) => Promise<boolean>;
  readonly #relist: () => Promise<void>;
  readonly #seen = new Map<string, Seen>();
  /** Since when each node is not ready: when we saw that, for the time in its condition is by the clock of its kubelet. */
  readonly #unready = new Map<string, number | undefined>();
  #transitions: Transition[] = [];
  #health: ReadonlyMap<string, AgentHealth> = new Map();
  #suspended = false;
  /** Lists of the leases, one after the other: the one at hand, and the one that those wait for who came since. */
  #listing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /**
   * @param options.answers whether a node's kubelet takes connections at an address; never rejects
   * @param options.relist reads all leases anew; resolves when the store holds what the API server has
   */
  constructor(options: {
    clock: Clock;
    nodes: Store<AgentFacts>;
    leases: Store<NodeLease>;
    answers: (address: string) => Promise<boolean>;
    relist: () => Promise<void>;
  }) {
    this.#clock = options.clock;
    this.#nodes = options.nodes;
    this.#answers = options.answers;
    this.#relist = options.relist;
    options.leases.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#seen.delete(object.node);
      else this.#heard(object);
    });
  }

  /** Health by node name, as of the last assess(). */
  get health(): ReadonlyMap<string, AgentHealth> {
    return this.#health;
  }

  /** What changed in the last assess(). */
  get transitions(): readonly Transition[] {
    return this.#transitions;
  }

  /** True while most agents are silent at once, so that no task is given up. */
  get suspended(): boolean {
    return this.#suspended;
  }

  /**
   * Judges all agents anew.
   * @returns true when placement has to look: an agent's state changed, or one is unfit and its tasks' time may be up
   */
  assess(): boolean {
    const now = this.#clock.monotonic();
    const wall = this.#clock.now();
    const health = new Map<string, AgentHealth>();
    const silent: AgentFacts[] = [];
    let unfit = 0;
    let changed = false;
    this.#transitions = [];
    for (const node of this.#nodes.values()) {
      const seen = this.#seen.get(node.name);
      if (this.#isWell(node, seen, now)) {
        this.#unready.set(node.name, undefined);
        continue;
      }
      // Of one that was not ready when we first saw it stands what it says, as far as that can be.
      const tells = !this.#unready.has(node.name) && node.readySince > 0;
      const first = tells ? now - wall + boundedTime(node.readySince, 0, wall) : now;
      const isUnready = node.ready !== 'True' && node.ready !== 'Missing';
      const unreadyAt = isUnready ? (this.#unready.get(node.name) ?? first) : undefined;
      this.#unready.set(node.name, unreadyAt);
      const vitals: Vitals = {
        silentMs: seen === undefined ? undefined : now - seen.heartbeatAt,
        intervalMs: seen?.intervalMs ?? 0,
        ...readiness({ ready: node.ready, readySince: unreadyAt ?? 0 }, now),
        pressures: node.pressures,
        deleting: node.deleting,
        backMs: seen?.unfitAt === undefined ? undefined : now - seen.unfitAt,
        answers: seen?.answers,
      };
      if (seen && shouldAsk(vitals)) void this.#ask(node, seen);
      const state = healthOf(vitals);
      if (state.cause === 'no heartbeat') silent.push(node);
      if (state.unfitMs > 0) {
        unfit++;
        if (seen) seen.unfitAt = now;
      }
      const before = this.#health.get(node.name) ?? HEALTHY;
      if (before.unfitMs > 0 !== state.unfitMs > 0) {
        this.#transitions.push({ node: node.name, fit: state.unfitMs === 0, cause: state.cause });
      }
      changed ||= before.pressures.length !== state.pressures.length;
      if (state !== HEALTHY) health.set(node.name, state);
    }
    if (this.#unready.size > this.#nodes.size)
      for (const name of this.#unready.keys()) if (!this.#nodes.get(name)) this.#unready.delete(name);
    const before = this.#suspended;
    this.#suspended = massSilence(silent.length, this.#nodes.size);
    // Still unfit to place on, but nothing is given up: silence of most nodes says little about any one. Nor does it
    // when the others are heard again: those that follow get the time of a node that was just seen.
    if (this.#suspended || before) {
      for (const { name } of silent) {
        health.set(name, spared(health.get(name)!));
        const seen = this.#seen.get(name);
        if (seen && !this.#suspended) Object.assign(seen, { heartbeatAt: now, answers: undefined });
      }
    }
    this.#health = health;
    return changed || unfit > 0 || this.#transitions.length > 0;
  }

  /** Whether there is nothing to say of a node, nor was: so it is with nearly all of them, nearly always. */
  #isWell({ name, ready, pressures, deleting }: AgentFacts, seen: Seen | undefined, now: number): boolean {
    if (ready !== 'True' || pressures.length > 0 || deleting || this.#health.has(name)) return false;
    if (seen === undefined) return true;
    return (
      seen.unfitAt === undefined &&
      !shouldAsk({ silentMs: now - seen.heartbeatAt, intervalMs: seen.intervalMs })
    );
  }

  /** Asks a node's kubelet, one question at a time; the next assess() has the answer. */
  async #ask(node: AgentFacts, seen: Seen): Promise<void> {
    if (seen.asking) return;
    seen.asking = true;
    const { heartbeatAt } = seen;
    const answers = await this.#answers(node.address);
    // Before it counts as silent: the silence may be that of our own watch, or of an API server that is away.
    if (!answers && seen.answers !== false) await this.#fresh();
    seen.asking = false;
    // An answer that comes after the next heartbeat speaks of a silence that is over.
    if (seen.heartbeatAt === heartbeatAt) seen.answers = answers;
  }

  /** Resolves when a list of the leases that began after this call is in the store. */
  async #fresh(): Promise<void> {
    if (this.#listing === undefined) {
      this.#listing = this.#relist().finally(() => (this.#listing = undefined));
      return this.#listing;
    }
    this.#next ??= this.#listing.then(() => {
      this.#next = undefined;
      return this.#fresh();
    });
    return this.#next;
  }

  #heard(lease: NodeLease): void {
    const seen = this.#seen.get(lease.node);
    const heartbeatAt = this.#clock.monotonic();
    const intervalMs = renewalMs(lease.durationSeconds);
    if (seen) Object.assign(seen, { heartbeatAt, intervalMs, answers: undefined });
    else {
      const asked = { answers: undefined, asking: false };
      this.#seen.set(lease.node, { heartbeatAt, intervalMs, unfitAt: undefined, ...asked });
    }
  }
}
