import type { KubeClient } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Pod } from '../../src/snapshot/reading/objects.ts';

/** A worker that runs, as far as a test decides what becomes of it. */
export interface PlayedWorker {
  readonly name: string;
  readonly job: string;
  readonly slot: number;
}

const PODS = '/api/v1/namespaces/default/pods';

/**
 * Plays the kubelets for workers of jobs on nodes that have none: they run, end as a test says, and are gone when they are
 * deleted. Finalizers stay theirs: kwok would take them off.
 */
export class PlayedWorkers {
  /** How a worker that runs ends by itself; undefined while it runs on. Asked once for each that ends. */
  exitOf: (worker: PlayedWorker) => number | undefined = () => undefined;
  readonly #client: KubeClient;
  readonly #stopped = new AbortController();
  readonly #loop: Promise<void>;

  constructor(client: KubeClient) {
    this.#client = client;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  /** Ends a worker. */
  async end(name: string, exitCode: number): Promise<void> {
    await this.#report(name, exitCode === 0 ? 'Succeeded' : 'Failed', {
      terminated: { exitCode, ...times() },
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const { items } = await this.#client.request<{ items: Pod[] }>({ method: 'GET', path: PODS });
      await Promise.all(items.map((pod) => this.#play(pod)));
      await systemClock.sleep(50, this.#stopped.signal);
    }
  }

  async #play({ metadata, spec, status }: Pod): Promise<void> {
    const { name, labels = {}, deletionTimestamp } = metadata;
    const job = labels['proffer.dev/job'];
    if (spec.nodeName === undefined || job === undefined) return;
    const phase = status?.phase ?? 'Pending';
    if (deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds !== 0)
      return this.#tried('DELETE', `${PODS}/${name}`, {
        gracePeriodSeconds: 0,
        preconditions: { uid: metadata.uid },
      });
    if (phase === 'Pending') return this.#report(name, 'Running', { running: { startedAt: now() } });
    if (phase !== 'Running') return;
    const exitCode = this.exitOf({ name, job, slot: Number(labels['proffer.dev/slot']) });
    if (exitCode !== undefined) await this.end(name, exitCode);
  }

  #report(name: string, phase: string, state: object): Promise<void> {
    const ready = phase === 'Running';
    const containerStatuses = [
      { name: 'server', state, ready, restartCount: 0, image: 'fake', imageID: 'fake' },
    ];
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    const body = { status: { phase, conditions, containerStatuses } };
    return this.#tried('PATCH', `${PODS}/${name}/status`, body);
  }

  async #tried(method: 'PATCH' | 'DELETE', path: string, body: object): Promise<void> {
    try {
      await this.#client.request({ method, path, body });
    } catch (error) {
      if (!isKubeError(error, 'notFound', 'conflict')) throw error;
    }
  }
}

const now = (secondsAgo = 0): string =>
  `${new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, 19)}Z`;
const times = () => ({ reason: 'Played', startedAt: now(60), finishedAt: now() });
