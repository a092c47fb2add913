import type { Markings as MarkingsOf } from '../frameworks/common/upkeep.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Store } from '../kube/store.ts';
import { messageOf } from '../lib/errors.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import { podPath } from '../lib/pod-path.ts';
import { lookEvery, type Loop, type LoopMeans } from './loop.ts';

/** Time between two looks, ms. */
const INTERVAL_MS = 1000;

/** What this loop needs. */
export interface MarkingsOptions extends LoopMeans {
  readonly markings: MarkingsOf;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  /** A workload as the last cycle saw it; undefined when it saw none of it. */
  readonly frameworkOf: (workload: Workload) => Framework | undefined;
}

/** Puts marks on the tasks of a kind, and takes them off, as the last cycle finds them: each on the Pod as it was seen. */
export class Markings implements Loop {
  readonly #options: MarkingsOptions;

  constructor(options: MarkingsOptions) {
    this.#options = options;
  }

  /** Looks again and again until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return lookEvery(INTERVAL_MS, this.#options, 'marks of tasks', signal, () => this.look());
  }

  /** Looks once. What fails is tried at the next look. */
  async look(): Promise<void> {
    const { workloads, markings, frameworkOf, log } = this.#options;
    for (const workload of workloads.values())
      try {
        const framework = frameworkOf(workload);
        if (!framework) continue;
        for (const { pod, metadata } of markings(workload, framework)) await this.#mark(pod, metadata);
      } catch (error) {
        log.warn({ workload: workload.key, error: messageOf(error) }, 'tasks not marked');
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
