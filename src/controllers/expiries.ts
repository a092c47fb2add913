import { API_VERSION } from '../api/group.ts';
import type { Expiry } from '../frameworks/common/upkeep.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Store } from '../kube/store.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { Loop, LoopMeans } from './loop.ts';
import { WorkQueue } from './work-queue.ts';

/** Longest time until a workload is looked at again, ms: timers of a process end at some weeks. */
const LONGEST_MS = 3_600_000;

/** What this loop needs. */
export interface ExpiriesOptions extends LoopMeans {
  readonly expiry: Expiry;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
}

/**
 * Deletes workloads whose time after their end is over, each as it was seen: one that was made anew under the name, or that
 * somebody wants to keep after all, stays. The garbage collector deletes its Pods with it.
 */
export class Expiries implements Loop {
  readonly #options: ExpiriesOptions;
  readonly #queue: WorkQueue;
  #signal: AbortSignal | undefined;

  constructor(options: ExpiriesOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({ ...options, what: 'expiry', work: (key) => this.#look(key) });
    options.workloads.subscribe(({ object }) => this.#queue.add(object.key));
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    return this.#queue.run(signal);
  }

  async #look(key: string): Promise<void> {
    const { workloads, expiry, clock } = this.#options;
    const workload = workloads.get(key);
    const at = workload && expiry(workload);
    if (!workload || at === undefined || workload.metadata.deletionTimestamp !== undefined) return;
    const leftMs = at - clock.now();
    if (leftMs <= 0) await this.#delete(workload);
    else void clock.sleep(Math.min(leftMs, LONGEST_MS), this.#signal).then(() => this.#queue.add(key));
  }

  async #delete({ key, metadata, names }: Workload): Promise<void> {
    const { client, log, mayWrite: mayGo } = this.#options;
    const { namespace, name, uid, resourceVersion } = metadata;
    const path = `/apis/${API_VERSION}/namespaces/${namespace}/${names.plural}/${name}`;
    const body = { propagationPolicy: 'Background', preconditions: { uid, resourceVersion } };
    try {
      await client.request({ method: 'DELETE', path, body, mayGo });
      log.info({ workload: key }, 'workload deleted, its time after its end is over');
    } catch (error) {
      // One that changed is looked at again when its watch says so.
      if (!isKubeError(error, 'conflict', 'notFound')) throw error;
    }
  }
}
