import type { Overflow } from '../frameworks/common/upkeep.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Store } from '../kube/store.ts';
import { messageOf } from '../lib/errors.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Loop, LoopMeans } from './loop.ts';

/** Time between two looks, ms. */
const INTERVAL_MS = 1000;

/** What this loop needs. */
export interface OverflowsOptions extends LoopMeans {
  readonly overflow: Overflow;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  /** Live tasks of a workload; none while they are not known. */
  readonly liveOf: (workload: Workload) => readonly PodFacts[];
}

/** Puts marks on tasks that their workload has no place for, and takes them off: each on the Pod as it was seen. */
export class Overflows implements Loop {
  readonly #options: OverflowsOptions;

  constructor(options: OverflowsOptions) {
    this.#options = options;
  }

  /** Looks again and again until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, mayDecide } = this.#options;
    while (!signal.aborted) {
      if (mayDecide()) await this.look();
      await clock.sleep(INTERVAL_MS, signal);
    }
  }

  /** Looks once. What fails is tried at the next look. */
  async look(): Promise<void> {
    const { workloads, overflow, liveOf, log } = this.#options;
    for (const workload of workloads.values())
      try {
        for (const { pod, metadata } of overflow(workload, liveOf(workload))) await this.#mark(pod, metadata);
      } catch (error) {
        log.warn({ workload: workload.key, error: messageOf(error) }, 'overflow not marked');
      }
  }

  async #mark({ namespace, name, uid, resourceVersion }: PodFacts, metadata: object): Promise<void> {
    const { client, mayWrite: mayGo } = this.#options;
    const path = podPath(namespace, name);
    const body = { metadata: { uid, resourceVersion, ...metadata } };
    try {
      await client.request({ method: 'PATCH', path, body, mayGo });
    } catch (error) {
      if (!isKubeError(error, 'conflict', 'notFound', 'fenced')) throw error;
    }
  }
}
