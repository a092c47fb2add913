import type { Clock } from '../lib/clock.ts';
import type { Store } from '../kube/store.ts';
import { healthOf, massSilence } from '../recovery/heartbeat.ts';
import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import type { AgentFacts } from '../snapshot/agent.ts';

/** What Proffer keeps of a kubelet's lease in kube-node-lease. */
export interface NodeLease {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly node: string;
  readonly renewTime: string;
  readonly durationSeconds: number;
}

/** Kubelets renew at a quarter of the lease's duration (pkg/kubelet: nodeLeaseRenewIntervalFraction). */
const RENEW_FRACTION = 0.25;

/** Times on our monotonic clock, so that a step of the wall clock makes nobody silent. */
interface Seen {
  heartbeatAt: number;
  intervalMs: number;
  unfitAt: number | undefined;
}

/**
 * Watches the agents' signs of life: Ready conditions and lease renewals, timed by our own clock at receipt. It runs
 * on followers too, so that a new leader knows at once who has been silent for how long.
 */
export class NodeMonitor {
  readonly #clock: Clock;
  readonly #nodes: Store<AgentFacts>;
  readonly #seen = new Map<string, Seen>();
  #health: ReadonlyMap<string, AgentHealth> = new Map();
  #suspended = false;

  constructor(options: { clock: Clock; nodes: Store<AgentFacts>; leases: Store<NodeLease> }) {
    this.#clock = options.clock;
    this.#nodes = options.nodes;
    options.leases.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#seen.delete(object.node);
      else this.#heard(object);
    });
  }

  /** Health by node name, as of the last assess(). */
  get health(): ReadonlyMap<string, AgentHealth> {
    return this.#health;
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
    for (const node of this.#nodes.values()) {
      const seen = this.#seen.get(node.name);
      const state = healthOf({
        silentMs: seen === undefined ? undefined : now - seen.heartbeatAt,
        intervalMs: seen?.intervalMs ?? 0,
        notReadyMs: node.ready === 'True' ? undefined : wall - node.readySince,
        pressures: node.pressures,
        deleting: node.deleting,
        backMs: seen?.unfitAt === undefined ? undefined : now - seen.unfitAt,
      });
      if (state.cause === 'no heartbeat') silent.push(node);
      if (state.unfitMs > 0) {
        unfit++;
        if (seen) seen.unfitAt = now;
      }
      const before = this.#health.get(node.name) ?? HEALTHY;
      changed ||=
        before.unfitMs > 0 !== state.unfitMs > 0 || before.pressures.length !== state.pressures.length;
      if (state !== HEALTHY) health.set(node.name, state);
    }
    const before = this.#suspended;
    this.#suspended = massSilence(silent.length, this.#nodes.size);
    // Still unfit to place on, but nothing is given up: silence of most nodes says little about any one. Nor does it
    // when the others are heard again: those that follow get the time of a node that was just seen.
    if (this.#suspended || before) {
      for (const { name } of silent) {
        const state = health.get(name)!;
        health.set(name, { ...state, unfitMs: Math.min(state.unfitMs, 1) });
        const seen = this.#seen.get(name);
        if (seen && !this.#suspended) seen.heartbeatAt = now;
      }
    }
    this.#health = health;
    return changed || unfit > 0;
  }

  #heard(lease: NodeLease): void {
    const seen = this.#seen.get(lease.node);
    const heartbeatAt = this.#clock.monotonic();
    const intervalMs = lease.durationSeconds * 1000 * RENEW_FRACTION;
    if (seen) Object.assign(seen, { heartbeatAt, intervalMs });
    else this.#seen.set(lease.node, { heartbeatAt, intervalMs, unfitAt: undefined });
  }
}
