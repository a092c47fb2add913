import type { KubeClient } from '../../src/kube/client.ts';
import { readWatch } from '../../src/kube/watch-stream.ts';
import { systemClock } from '../../src/lib/clock.ts';

interface WatchedPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec?: { readonly nodeName?: string };
}

/**
 * A neutral witness: one watch on the Pods of a namespace, the same for every contender. It takes the time at which
 * each Pod was first seen and at which it was first seen bound.
 */
export class Observer {
  readonly seenAt = new Map<string, number>();
  readonly boundAt = new Map<string, number>();
  /** Pods that exist now. */
  readonly existing = new Set<string>();
  readonly #client: KubeClient;
  readonly #path: string;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#path = `/api/v1/namespaces/${namespace}/pods`;
  }

  /** Starts watching; everything that exists is taken in first. */
  async start(): Promise<void> {
    const list = await this.#client.request<{ metadata: { resourceVersion: string }; items: WatchedPod[] }>({
      method: 'GET',
      path: this.#path,
    });
    for (const pod of list.items) this.#take('ADDED', pod);
    this.#done = this.#follow(list.metadata.resourceVersion);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(from: string): Promise<void> {
    let version = from;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const body = await this.#client.watch({
          path: this.#path,
          query: { resourceVersion: version },
          signal,
        });
        await readWatch({
          body,
          slices: this.#client.slices,
          clock: systemClock,
          stallMs: 600_000,
          signal,
          onEvent: (event) => {
            if (event.type === 'ERROR')
              throw new Error(`the observer lost its watch: ${event.object.message}`);
            version = event.object.metadata.resourceVersion;
            this.#take(event.type, event.object as unknown as WatchedPod);
            return true;
          },
        });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  #take(type: string, pod: WatchedPod): void {
    const now = performance.now();
    const { uid } = pod.metadata;
    if (type === 'DELETED') return void this.existing.delete(uid);
    this.existing.add(uid);
    if (!this.seenAt.has(uid)) this.seenAt.set(uid, now);
    if (pod.spec?.nodeName && !this.boundAt.has(uid)) this.boundAt.set(uid, now);
  }
}
