import type { PeerNames } from '../frameworks/common/upkeep.ts';
import type { KubeRequest } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Store } from '../kube/store.ts';
import { messageOf } from '../lib/errors.ts';
import { serviceMend } from '../plan/expose.ts';
import type { ServiceFacts } from '../snapshot/service.ts';
import type { TaskService } from '../snapshot/task-service.ts';
import type { Workload } from '../snapshot/workload.ts';
import { announceOn } from './announce.ts';
import type { Loop, LoopMeans } from './loop.ts';
import { ownerOf } from './owner-reference.ts';
import { WorkQueue } from './work-queue.ts';

/** What this loop needs. */
export interface PeerServicesOptions extends LoopMeans {
  readonly peers: PeerNames;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  readonly services: Store<ServiceFacts>;
  readonly events: Pick<EventRecorder, 'record'>;
}

/**
 * Keeps the Service by which the tasks of a workload find each other: made once, mended when somebody changes or deletes it. One of
 * the name that is somebody else's stays as it is, and the workload says so. The garbage collector deletes ours with its workload.
 */
export class PeerServices implements Loop {
  readonly #options: PeerServicesOptions;
  readonly #queue: WorkQueue;
  /** What was told last of a workload, by its key. */
  readonly #told = new Map<string, string>();

  constructor(options: PeerServicesOptions) {
    this.#options = options;
    const { workloads, services } = options;
    this.#queue = new WorkQueue({ ...options, what: 'Service', work: (key) => this.#look(key) });
    workloads.subscribe(({ object }) => this.#queue.add(object.key));
    services.subscribe(({ object: { key } }) => {
      if (workloads.get(key)) this.#queue.add(key);
    });
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  async #look(key: string): Promise<void> {
    const { peers, workloads, services } = this.#options;
    const workload = workloads.get(key);
    if (!workload) this.#told.delete(key);
    if (!workload || workload.metadata.deletionTimestamp !== undefined || workload.faults.length > 0) return;
    const wanted = peers.service(workload);
    if (!wanted) return;
    const { name, namespace = '', uid } = workload.metadata;
    const path = `/api/v1/namespaces/${namespace}/services`;
    const found = services.get(key);
    if (!found) return this.#write(workload, { method: 'POST', path, body: manifest(workload, wanted) });
    const { own } = found;
    if (!own)
      return this.#tell(
        workload,
        'another one has its name: delete that one, or name the workload otherwise',
      );
    // That of a workload which had the name before is about to go: it is made anew then.
    const body = own.deleting || own.owner !== uid ? undefined : serviceMend(wanted, own);
    if (body) await this.#write(workload, { method: 'PATCH', path: `${path}/${name}`, body });
  }

  async #write(workload: Workload, request: KubeRequest): Promise<void> {
    const { client, mayWrite: mayGo } = this.#options;
    try {
      await client.request({ ...request, mayGo });
    } catch (error) {
      // The watch will show who was faster.
      if (isKubeError(error, 'alreadyExists', 'conflict', 'notFound')) return;
      if (isKubeError(error) && !error.retryable && error.kind !== 'fenced')
        this.#tell(workload, messageOf(error));
      throw error;
    }
  }

  #tell(workload: Workload, why: string): void {
    if (this.#told.get(workload.key) === why) return;
    this.#told.set(workload.key, why);
    const note = `the workers do not find each other by their names, since there is no Service for that: ${why}`;
    announceOn(this.#options.events, workload, {
      type: 'Warning',
      reason: 'WriteRefused',
      action: 'Expose',
      note,
    });
  }
}

const manifest = (workload: Workload, { labels, annotations, spec }: TaskService): object => {
  const { name, namespace } = workload.metadata;
  const metadata = { name, namespace, labels, annotations, ownerReferences: [ownerOf(workload)] };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
};
