import type { KubeClient } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Pod, StatusCondition } from '../../src/snapshot/reading/objects.ts';

/**
 * Plays the kubelet for Pods on nodes that have none: they run at the address that a test gives them, and are Ready while
 * their readiness gates are True.
 */
export class PlayedKubelet {
  readonly #client: KubeClient;
  readonly #addressOf: (pod: Pod) => string;
  readonly #stopped = new AbortController();
  readonly #loop: Promise<void>;

  /** @param addressOf the address at which a Pod runs, so that a test can listen there */
  constructor(client: KubeClient, addressOf: (pod: Pod) => string) {
    this.#client = client;
    this.#addressOf = addressOf;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const path = '/api/v1/namespaces/default/pods';
      const { items } = await this.#client.request<{ items: Pod[] }>({ method: 'GET', path });
      await Promise.all(items.filter((pod) => pod.spec.nodeName).map((pod) => this.#report(pod)));
      await systemClock.sleep(50, this.#stopped.signal);
    }
  }

  async #report(pod: Pod): Promise<void> {
    const { spec, status, metadata } = pod;
    const statusOf = (type: string) =>
      status?.conditions?.find((condition) => condition.type === type)?.status;
    const gates = spec.readinessGates ?? [];
    const ready = gates.every(({ conditionType }) => statusOf(conditionType) === 'True') ? 'True' : 'False';
    if (status?.podIP !== undefined && statusOf('Ready') === ready) return;
    const conditions: StatusCondition[] = [
      { type: 'ContainersReady', status: 'True' },
      { type: 'Ready', status: ready },
    ];
    const running = { running: { startedAt: new Date().toISOString() } };
    const address = this.#addressOf(pod);
    const body = {
      metadata: { uid: metadata.uid },
      status: {
        phase: 'Running',
        podIP: address,
        podIPs: [{ ip: address }],
        conditions,
        containerStatuses: spec.containers.map(({ name }) => ({
          name,
          state: running,
          ready: true,
          restartCount: 0,
          image: 'fake',
          imageID: 'fake',
        })),
      },
    };
    const path = `/api/v1/namespaces/default/pods/${metadata.name}/status`;
    const contentType = 'application/strategic-merge-patch+json';
    try {
      await this.#client.request({ method: 'PATCH', path, body, contentType });
    } catch (error) {
      if (!isKubeError(error, 'notFound', 'conflict')) throw error;
    }
  }
}
