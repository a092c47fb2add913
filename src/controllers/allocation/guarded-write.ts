import { AllocationError } from '../../allocation/errors.ts';
import type { Inventory } from '../../allocation/inventory.ts';
import { guarded, type Marks } from '../../allocation/marks.ts';
import type { KubeRequest } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { withRetry } from '../../kube/retry.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Pod } from '../../snapshot/reading/objects.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import { podPath } from '../../lib/pod-path.ts';
import type { LoopMeans } from '../loop.ts';

/** Most tries of one request, while the API server fails, and how long it may take for each, ms; a caller waits. */
const TRIES = 4;
const PATIENCE_MS = 5000;

/** What writes to servers are made with. */
export interface WriteOptions extends Omit<LoopMeans, 'log' | 'mayDecide'> {
  readonly inventory: Inventory;
  readonly readPod: (pod: Pod) => PodFacts;
}

/** Writes to servers, each only while the Pod is as it was seen; the inventory knows of them at once. */
export class GuardedWrites {
  readonly #options: WriteOptions;

  constructor(options: WriteOptions) {
    this.#options = options;
  }

  /** The Pod as the API server has it; undefined when it is gone. @throws AllocationError */
  async read({ namespace, name, uid }: TaskPod): Promise<Pod | undefined> {
    try {
      const pod = await this.#send<Pod>({ method: 'GET', path: podPath(namespace, name) });
      return pod.metadata.uid === uid ? pod : undefined;
    } catch (error) {
      if (isKubeError(error, 'notFound')) return undefined;
      throw failed(error);
    }
  }

  /**
   * Writes marks on a server.
   * @returns the Pod as it is now; undefined when it is another one than was seen, or gone
   * @throws AllocationError when the API server refuses, cannot be reached, or this replica leads no more
   */
  async write(server: TaskPod, marks: Marks): Promise<Pod | undefined> {
    const { inventory, readPod, mayWrite: mayGo } = this.#options;
    const { labels, annotations } = marks;
    const body = guarded(server, { labels, annotations });
    const path = podPath(server.namespace, server.name);
    let lost = false;
    try {
      let pod: Pod | undefined;
      try {
        pod = await this.#send<Pod>({ method: 'PATCH', path, body, mayGo }, () => (lost = true));
      } catch (error) {
        if (!isKubeError(error, 'conflict', 'notFound')) throw error;
        // It may be our own write whose answer got lost.
        pod = lost ? await this.read(server) : undefined;
        if (pod && !says(pod, marks)) pod = undefined;
      }
      if (!pod || inventory.get(server.key)?.uid !== server.uid) {
        inventory.spoil(server);
        return undefined;
      }
      inventory.answered(readPod(pod));
      return pod;
    } catch (error) {
      // Had it an effect after all, the next write to that server meets another state, and goes elsewhere.
      throw failed(error);
    }
  }

  /** Looks at a server anew, whose state is not what it was taken for. @throws AllocationError */
  async refresh(server: TaskPod): Promise<void> {
    const pod = await this.read(server);
    if (pod) this.#options.inventory.answered(this.#options.readPod(pod));
  }

  /**
   * Writes annotations on a server, whatever else changes of it meanwhile.
   * @returns false when it is gone
   * @throws AllocationError as write() does
   */
  async annotate(server: TaskPod, annotations: Readonly<Record<string, string>>): Promise<boolean> {
    const { inventory, readPod, mayWrite: mayGo } = this.#options;
    const { namespace, name, uid } = server;
    const body = { metadata: { uid, annotations } };
    try {
      const pod = await this.#send<Pod>({ method: 'PATCH', path: podPath(namespace, name), body, mayGo });
      // The watch may have shown its end already.
      if (inventory.get(server.key)?.uid === uid) inventory.answered(readPod(pod));
      return true;
    } catch (error) {
      if (isKubeError(error, 'conflict', 'notFound')) return false;
      throw failed(error);
    }
  }

  #send<T>(request: KubeRequest, onLost: () => void = () => {}): Promise<T> {
    const { client, clock, random } = this.#options;
    return withRetry(() => client.request<T>({ ...request, timeoutMs: PATIENCE_MS }), {
      clock,
      random,
      attempts: TRIES,
      backoff: { initialMs: 20, maxMs: 500 },
      onFailure: (error) => error.mayHaveApplied && onLost(),
    });
  }
}

/** Whether a Pod has all marks. */
function says({ metadata }: Pod, { labels, annotations }: Marks): boolean {
  const has = (map: Readonly<Record<string, string>> = {}, wanted: Marks['labels']) =>
    Object.entries(wanted).every(([key, value]) => (map[key] ?? null) === value);
  return has(metadata.labels, labels) && has(metadata.annotations, annotations);
}

/** A failed request in the words of the API for callers. */
function failed(error: unknown): unknown {
  if (error instanceof AllocationError || !isKubeError(error)) return error;
  if (error.kind === 'fenced') return noLeader();
  const message = `the Kubernetes API does not take the write: ${messageOf(error)}`;
  return new AllocationError('PROFFER_ALLOCATION_API', message, { retryAfter: 1, cause: error });
}

/** This replica does not lead, or does not yet know all Pods. */
export const noLeader = (): AllocationError =>
  new AllocationError(
    'PROFFER_ALLOCATION_NO_LEADER',
    'no replica leads at the moment: send the same call again',
    { retryAfter: 1 },
  );
