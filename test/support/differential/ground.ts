import { KubeClient } from '../../../src/kube/client.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { RawObject } from '../../../src/snapshot/workload.ts';
import { until } from '../until.ts';
import type { AskedScheduler } from './scheduler.ts';
import type { Probe, RandomCluster } from './random-cluster.ts';
import { SENTINEL_VOLUMES, sentinelStorage, STORAGE_PATHS, StorageGround } from './storage-ground.ts';
import { NAMESPACE_NAMES, NAMESPACES, RUNTIME_CLASSES, TAINT_KEYS, type Part } from './words.ts';

/** A list as the API server sends it. */
export interface KubeList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: readonly RawObject[];
}

interface PodStatus {
  readonly conditions?: readonly { readonly type: string; readonly reason?: string }[];
}

const CONNECTIONS = 16;

const RUNTIME_CLASS_PATH = '/apis/node.k8s.io/v1/runtimeclasses';

/** Everything that says where Pods may go. */
const PATHS = ['/api/v1/nodes', '/api/v1/pods', '/api/v1/namespaces', RUNTIME_CLASS_PATH, ...STORAGE_PATHS];

/** Keeps a Pod from the scheduler until the claims of its ephemeral volumes are there. */
const GATE = { schedulingGates: [{ name: 'example.com/claims' }] };

/** The API server that random clusters are put on, one after the other. */
export class Ground {
  readonly #client: KubeClient;
  readonly #scheduler: AskedScheduler;
  readonly #storage: StorageGround;
  /** Keeps the names of what tells that the scheduler is up to date apart. */
  #round = 0;

  constructor(kubeconfig: string, scheduler: AskedScheduler) {
    this.#client = KubeClient.load({ kubeconfig, connections: CONNECTIONS });
    this.#scheduler = scheduler;
    this.#storage = new StorageGround(this.#client);
  }

  /** Makes the namespaces that random Pods live in, and the classes that they name. */
  async prepare(): Promise<void> {
    for (const [name, fields] of Object.entries(RUNTIME_CLASSES))
      await this.#create(RUNTIME_CLASS_PATH, { metadata: { name }, handler: 'none', ...fields });
    for (const [name, labels] of Object.entries(NAMESPACES)) {
      await this.#create('/api/v1/namespaces', { metadata: { name, labels } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(`the service account of ${name}`, async () => this.#find(account));
    }
  }

  /**
   * Puts a cluster up and waits until the scheduler has judged every probe.
   * @returns the probes that the API server took, as it stores them, in the order of the cluster's; undefined for the rest
   */
  async put({ nodes, standing, storage, probes }: RandomCluster): Promise<(RawObject | undefined)[]> {
    await each(nodes, async (node) => {
      const { metadata } = await this.#create('/api/v1/nodes', node);
      const { taints } = node['spec'] as { taints: unknown };
      // Admission takes a new node for not ready, and the controller that would find it ready is not there.
      await this.#patch(`/api/v1/nodes/${metadata.name}`, { spec: { taints } });
    });
    await this.#waitForScheduler(nodes.length);
    const early = await each(probes, (probe) => this.#createEarly(probe));
    const claims = probes.flatMap(({ ephemeral }, i) => (early[i] ? ephemeral!(early[i].metadata.uid!) : []));
    await each([...storage, ...claims], (object) => this.#storage.put(object));
    const names = nodes.map(({ metadata }) => (metadata as { name: string }).name);
    for (const object of sentinelStorage(names)) await this.#storage.put(object);
    await this.#waitForScheduler(nodes.length - 2, SENTINEL_VOLUMES);
    // The scheduler hears of Pods in the order of what is done to them: of these before the probes.
    await each(standing, async ({ pod, status, leaving }) => {
      const made = await this.#tryCreate(pod);
      if (!made) return;
      const path = podPath(made);
      if (status) await this.#patch(`${path}/status`, { status });
      if (leaving) await this.#client.request({ method: 'DELETE', path });
    });
    const late = await each(probes, async ({ pod, ephemeral }) =>
      ephemeral ? undefined : this.#tryCreate(pod),
    );
    await each(early, async (pod) => pod && this.#patch(podPath(pod), { spec: { schedulingGates: null } }));
    const made = probes.map((_, i) => early[i] ?? late[i]);
    await until('a verdict on every Pod', async () => {
      const { items } = await this.list('/api/v1/pods');
      return items.every((pod) => isBound(pod) || isJudged(pod));
    });
    return made;
  }

  /** Everything that is there. */
  lists(): Promise<KubeList[]> {
    return Promise.all(PATHS.map((path) => this.list(path)));
  }

  /** All objects of a kind. */
  list(path: string): Promise<KubeList> {
    return this.#client.request<KubeList>({ method: 'GET', path });
  }

  /** Takes the cluster away again. */
  async clear(): Promise<void> {
    const gracePeriodSeconds = 0;
    for (const namespace of NAMESPACE_NAMES) {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      await this.#client.request({ method: 'DELETE', path, body: { gracePeriodSeconds } });
    }
    await this.#client.request({ method: 'DELETE', path: '/api/v1/nodes' });
    await until('an empty cluster', async () => {
      const lists = await Promise.all([this.list('/api/v1/pods'), this.list('/api/v1/nodes')]);
      return (await this.#storage.clear()) && lists.every(({ items }) => items.length === 0);
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Makes a Pod whose claims are to be there before the scheduler sees it. */
  async #createEarly({ pod, ephemeral }: Probe): Promise<RawObject | undefined> {
    if (!ephemeral) return undefined;
    return this.#tryCreate({ ...pod, spec: { ...(pod['spec'] as Part), ...GATE } });
  }

  /**
   * A Pod that asks for nothing and tolerates all that is random passes on so many nodes once the scheduler knows what
   * it has to. It is asked anew until it does.
   */
  async #waitForScheduler(nodes: number, volumes: readonly Part[] = []): Promise<void> {
    const keys = [...TAINT_KEYS, 'node.kubernetes.io/unschedulable'];
    await until('the scheduler to know what is there', async () => {
      const made = await this.#create(`/api/v1/namespaces/${NAMESPACE_NAMES[0]}/pods`, {
        metadata: { name: `sentinel-${this.#round++}`, namespace: NAMESPACE_NAMES[0]! },
        spec: {
          containers: [{ name: 'main', image: 'none' }],
          tolerations: keys.map((key) => ({ key, operator: 'Exists' })),
          volumes,
        },
      });
      const path = podPath(made);
      await until('a verdict', async () => {
        return isJudged(await this.#client.request<RawObject>({ method: 'GET', path }));
      });
      await this.#client.request({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } });
      return this.#scheduler.fits.get(made.metadata.uid!)?.length === nodes;
    });
  }

  async #tryCreate(pod: Part): Promise<RawObject | undefined> {
    const { namespace } = pod['metadata'] as { namespace: string };
    try {
      return await this.#create(`/api/v1/namespaces/${namespace}/pods`, pod);
    } catch (error) {
      if (isKubeError(error, 'invalid')) return undefined;
      throw error;
    }
  }

  #create(path: string, body: Part): Promise<RawObject> {
    return this.#client.request<RawObject>({ method: 'POST', path, body });
  }

  #patch(path: string, body: Part): Promise<RawObject> {
    return this.#client.request<RawObject>({ method: 'PATCH', path, body });
  }

  async #find(path: string): Promise<RawObject | undefined> {
    try {
      return await this.#client.request<RawObject>({ method: 'GET', path });
    } catch (error) {
      if (isKubeError(error, 'notFound')) return undefined;
      throw error;
    }
  }
}

const podPath = ({ metadata: { namespace, name } }: RawObject): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;

const isBound = ({ spec }: RawObject): boolean => Boolean((spec as { nodeName?: string }).nodeName);

const isJudged = ({ status }: RawObject): boolean =>
  (status as PodStatus | undefined)?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason !== 'SchedulingGated',
  ) ?? false;

/** Works on all items, a few at a time, and returns the results in their order. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of queue) out[i] = await work(item);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return out;
}
