import type { KeyPair, Keys } from '../frameworks/common/upkeep.ts';
import { isKubeError } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Store } from '../kube/store.ts';
import { messageOf } from '../lib/errors.ts';
import type { Workload } from '../snapshot/workload.ts';
import { announceOn } from './announce.ts';
import type { Loop, LoopMeans } from './loop.ts';
import { ownerOf } from './owner-reference.ts';
import { WorkQueue } from './work-queue.ts';

/** What this loop needs. */
export interface KeySecretsOptions extends LoopMeans {
  readonly keys: Keys;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly makeKeyPair: () => KeyPair;
}

/**
 * Makes the Secret by which the tasks of a workload reach each other, once. It is never read, so that the right to create one is all
 * that it takes: that there is one of its name already says that this process, or one before it, has made it. The garbage
 * collector deletes it with its workload.
 */
export class KeySecrets implements Loop {
  readonly #options: KeySecretsOptions;
  readonly #queue: WorkQueue;
  /** Names of the Secrets that are there, by the key of their workload. */
  readonly #made = new Map<string, string>();
  readonly #told = new Set<string>();

  constructor(options: KeySecretsOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({ ...options, what: 'Secret', work: (key) => this.#look(key) });
    options.workloads.subscribe(({ object }) => this.#queue.add(object.key));
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  async #look(key: string): Promise<void> {
    const { client, keys, workloads, makeKeyPair, mayWrite: mayGo } = this.#options;
    const workload = workloads.get(key);
    const wanted = workload && !isGoing(workload) ? keys(workload) : undefined;
    if (!workload || !wanted) {
      this.#made.delete(key);
      this.#told.delete(key);
      return;
    }
    const { name } = wanted;
    if (this.#made.get(key) === name) return;
    const { namespace = '' } = workload.metadata;
    const metadata = { name, namespace, ownerReferences: [ownerOf(workload)] };
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      immutable: true,
      stringData: wanted.files(makeKeyPair()),
    };
    try {
      await client.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/secrets`, body, mayGo });
    } catch (error) {
      if (!isKubeError(error, 'alreadyExists')) {
        if (isKubeError(error) && !error.retryable && error.kind !== 'fenced')
          this.#tell(workload, messageOf(error));
        throw error;
      }
    }
    this.#made.set(key, name);
  }

  #tell(workload: Workload, why: string): void {
    if (this.#told.has(workload.key)) return;
    this.#told.add(workload.key);
    const note = `the workers wait for a Secret with their keys, which could not be made: ${why}`;
    announceOn(this.#options.events, workload, {
      type: 'Warning',
      reason: 'WriteRefused',
      action: 'MakeKeys',
      note,
    });
  }
}

const isGoing = ({ metadata, faults }: Workload): boolean =>
  metadata.deletionTimestamp !== undefined || faults.length > 0;
