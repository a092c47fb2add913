import { scalesItself, type ScaledPool } from '../frameworks/pool/autoscale/pool.ts';
import { withScaling } from '../frameworks/pool/autoscale/status.ts';
import { messageOf } from '../lib/errors.ts';
import { workloadId } from '../snapshot/framework-id.ts';
import type { TaskPod } from '../snapshot/slots.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Workload, WorkloadStatus } from '../snapshot/workload.ts';
import type { LastCycle } from '../views/inspect.ts';
import { lookEvery, type Loop } from './loop.ts';
import { PoolScaler, type ScalingMeans } from './pool-scaler.ts';
import type { Asking } from './scale-webhooks.ts';
import type { Stores } from './stores.ts';
import { Turnstile } from './turnstile.ts';

/** How often the loop looks for news, ms. */
const LOOK_MS = 200;
/** Most writes in flight for the pools of one namespace, and most requests to webhooks. */
const MOST_OF_NAMESPACE = 4;

export interface AutoscalerOptions
  extends Omit<ScalingMeans, 'asking' | 'turns'>, Pick<Asking, 'origins' | 'post'> {
  readonly stores: Pick<Stores, 'workloads' | 'services'>;
  /** What the placement loop saw last. */
  readonly latest: () => LastCycle | undefined;
}

/**
 * Sets the number of servers of pools that scale themselves. It goes by what the placement loop saw last, so that it counts
 * the servers that are deleted then; it never runs inside of a cycle.
 */
export class Autoscaler implements Loop {
  readonly #options: AutoscalerOptions;
  readonly #means: ScalingMeans;
  #scalers = new Map<string, PoolScaler>();
  /** A picture of an earlier leadership: it may be hours old. */
  #stale: Snapshot | undefined;
  /** The frameworks of the last picture that are pools which scale themselves. */
  #found: { readonly snapshot: Snapshot; readonly frameworks: Snapshot['frameworks'] } | undefined;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
    const addressOf = (key: string) => options.stores.services.get(key);
    const asking = { ...options, addressOf, turns: new Turnstile(MOST_OF_NAMESPACE) };
    this.#means = { ...options, asking, turns: new Turnstile(MOST_OF_NAMESPACE) };
  }

  /** Leadership ended: what was remembered may be old when it comes again. */
  stop(): void {
    this.#scalers = new Map();
    this.#stale = this.#options.latest()?.snapshot;
    this.#found = undefined;
  }

  /** The status of a workload, with what there is to say of its scaling. */
  amend = (workload: Workload, status: WorkloadStatus): WorkloadStatus => {
    const scaler = this.#scalers.get(workloadId(workload));
    const scaling = scaler?.uid === workload.metadata.uid ? scaler?.scaling : undefined;
    return withScaling(workload, status, scaling, this.#options.clock.now());
  };

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return lookEvery(LOOK_MS, this.#options, 'pools that scale', signal, () => this.#look(signal));
  }

  #look(signal: AbortSignal): void {
    const pools = this.#pools();
    for (const id of this.#scalers.keys()) if (!pools.has(id)) this.#scalers.delete(id);
    const snapshot = this.#options.latest()?.snapshot;
    if (!snapshot || snapshot === this.#stale || pools.size === 0) return;
    if (this.#found?.snapshot !== snapshot)
      this.#found = { snapshot, frameworks: snapshot.frameworks.filter(({ id }) => pools.has(id)) };
    const { agents, numbers } = snapshot;
    const isDrained = (node: string): boolean => agents[numbers.get(node) ?? -1]?.drained ?? false;
    for (const { id, metadata, hold, live } of this.#found.frameworks) {
      const pool = pools.get(id);
      if (!pool || metadata.uid !== pool.metadata.uid || hold?.freezes) continue;
      try {
        this.#scalerOf(id, pool).look(pool, live as readonly TaskPod[], isDrained, signal);
      } catch (error) {
        this.#options.log.error({ pool: pool.key, error: messageOf(error) }, 'a pool cannot be scaled');
      }
    }
  }

  /** The pools that scale themselves, by the id of their frameworks. */
  #pools(): Map<string, ScaledPool> {
    const pools = new Map<string, ScaledPool>();
    for (const store of this.#options.stores.workloads.values())
      for (const workload of store.values())
        if (scalesItself(workload)) pools.set(workloadId(workload), workload);
    return pools;
  }

  #scalerOf(id: string, pool: ScaledPool): PoolScaler {
    const { uid = '' } = pool.metadata;
    const known = this.#scalers.get(id);
    if (known?.uid === uid) return known;
    const scaler = new PoolScaler(uid, this.#means);
    this.#scalers.set(id, scaler);
    return scaler;
  }
}
