import type { KubeClient } from '../../src/kube/client.ts';
import { readWatch } from '../../src/kube/watch-stream.ts';
import { systemClock } from '../../src/lib/clock.ts';

/** What every Pod has that is looked at. */
export interface WatchedPod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
  };
}

/** One watch on the Pods of a namespace, which begins with all that exist and misses nothing. */
export abstract class PodWatch<P extends WatchedPod> {
  readonly #client: KubeClient;
  readonly #path: string;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#path = `/api/v1/namespaces/${namespace}/pods`;
  }

  /** Hears of a Pod. @param type ADDED, MODIFIED or DELETED */
  protected abstract take(type: string, pod: P): void;

  /** Starts watching; everything that exists is taken in first. */
  async start(): Promise<void> {
    const list = await this.#client.request<{ metadata: { resourceVersion: string }; items: P[] }>({
      method: 'GET',
      path: this.#path,
    });
    for (const pod of list.items) this.take('ADDED', pod);
    this.#done = this.#follow(list.metadata.resourceVersion);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(from: string): Promise<void> {
    let resourceVersion = from;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const body = await this.#client.watch({ path: this.#path, query: { resourceVersion }, signal });
        await readWatch({
          body,
          slices: this.#client.slices,
          clock: systemClock,
          stallMs: 600_000,
          signal,
          onEvent: (event) => {
            if (event.type === 'ERROR') throw new Error(`the watch ended: ${event.object.message}`);
            resourceVersion = event.object.metadata.resourceVersion;
            this.take(event.type, event.object as unknown as P);
            return true;
          },
        });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}
