import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ANNOTATION } from '../../src/api/group.ts';
import { sessionsIn } from '../../src/snapshot/sessions.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { until } from './until.ts';

interface RawPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
      readonly ports?: readonly { readonly hostPort?: number; readonly protocol?: string }[];
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** A Pod at one moment of its life. */
export interface LoggedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly pool: string;
  readonly node: string;
  readonly phase: string;
  readonly deleting: boolean;
  readonly ready: boolean;
  /** Carries an inverse offer: it is asked to go. */
  readonly asked: boolean;
  /** Milli-cpu that its containers ask for. */
  readonly cpu: number;
  /** `UDP/7000` and so on. */
  readonly hostPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Ids of the sessions on it. */
  readonly sessions: readonly string[];
  readonly createdAt: string;
  /** Its resourceVersion, which grows with each write. */
  readonly version: number;
}

/** One change of a Pod, and how many Pods there were right after it. */
export interface LoggedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly pod: LoggedPod;
  /** When the log heard of it, ms of performance.now(). */
  readonly at: number;
}

const milli = (quantity: string | undefined): number => {
  if (quantity === undefined) return 0;
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
};

const readPod = ({ metadata, spec, status }: RawPod): LoggedPod => ({
  name: metadata.name,
  namespace: metadata.namespace,
  uid: metadata.uid,
  pool: metadata.labels?.['proffer.dev/pool'] ?? '',
  node: spec.nodeName ?? '',
  phase: status?.phase ?? '',
  deleting: metadata.deletionTimestamp !== undefined,
  ready: status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
  asked: metadata.annotations?.[ANNOTATION.inverseOffer] !== undefined,
  cpu: spec.containers.reduce((sum, c) => sum + milli(c.resources?.requests?.['cpu']), 0),
  hostPorts: spec.containers.flatMap((c) =>
    (c.ports ?? []).filter((p) => p.hostPort).map((p) => `${p.protocol ?? 'TCP'}/${p.hostPort}`),
  ),
  labels: metadata.labels ?? {},
  sessions: sessionsIn(metadata.labels, metadata.annotations).map(({ id }) => id),
  createdAt: metadata.creationTimestamp,
  version: Number(metadata.resourceVersion),
});

/** Whether a Pod still holds its room. */
export const holdsRoom = ({ phase }: LoggedPod): boolean => phase !== 'Succeeded' && phase !== 'Failed';

/**
 * Every change of every Pod of a cluster, from a watch that starts before the test and misses nothing: what is true
 * at the end may have been wrong in between.
 */
export class PodLog {
  readonly events: LoggedEvent[] = [];
  /** Set when the log is not complete; a test that judges by it must fail then. */
  broken: string | undefined;
  readonly #client: KubeClient;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #version: string;
  #running: Promise<void> = Promise.resolve();

  private constructor(client: KubeClient, version: string) {
    this.#client = client;
    this.#version = version;
  }

  /** Starts to log; Pods that exist already are not in the log. */
  static async start(kubeconfig: string): Promise<PodLog> {
    const client = KubeClient.load({ kubeconfig });
    const list = await client.request<{ metadata: { resourceVersion: string } }>({
      method: 'GET',
      path: '/api/v1/pods',
    });
    const log = new PodLog(client, list.metadata.resourceVersion);
    log.#running = log.#run();
    return log;
  }

  /** Calls `listener` with each change from now on; returns the function that takes it off. */
  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Pods as of now, by uid. */
  pods(): Map<string, LoggedPod> {
    const pods = new Map<string, LoggedPod>();
    this.replay((_, now) => now.forEach((pod, uid) => pods.set(uid, pod)), true);
    return pods;
  }

  /** Goes through the log with the Pods as they were after each event; `last` asks for the end alone. */
  replay(look: (event: LoggedEvent, pods: ReadonlyMap<string, LoggedPod>) => void, last = false): void {
    const pods = new Map<string, LoggedPod>();
    this.events.forEach((event, i) => {
      if (event.type === 'DELETED') pods.delete(event.pod.uid);
      else pods.set(event.pod.uid, event.pod);
      if (!last || i === this.events.length - 1) look(event, pods);
    });
  }

  /** Waits until the log has come to what the API server has now. */
  async caughtUp(): Promise<void> {
    await until('the log of Pods catches up', async () => {
      const list = await this.#client.request<{ items: RawPod[] }>({ method: 'GET', path: '/api/v1/pods' });
      const logged = this.pods();
      return (
        list.items.length === logged.size &&
        list.items.every(
          ({ metadata }) => (logged.get(metadata.uid)?.version ?? -1) >= Number(metadata.resourceVersion),
        )
      );
    });
  }

  /** Ends the watch. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#client.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && this.broken === undefined) {
      try {
        const query = { resourceVersion: this.#version, allowWatchBookmarks: true };
        await this.#read(await this.#client.watch({ path: '/api/v1/pods', query, signal }));
      } catch (error) {
        // The next watch goes on where this one ended; only a version that is too old loses events.
        if (!signal.aborted && String(error).includes('410')) this.broken = String(error);
      }
    }
  }

  async #read(body: Readable): Promise<void> {
    for await (const line of createInterface({ input: body })) {
      const { type, object } = JSON.parse(line) as { type: string; object: RawPod };
      if (type === 'ERROR') {
        this.broken = line;
        return;
      }
      this.#version = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') continue;
      const event = { type: type as LoggedEvent['type'], pod: readPod(object), at: performance.now() };
      this.events.push(event);
      for (const listener of this.#listeners) listener(event);
    }
  }
}
