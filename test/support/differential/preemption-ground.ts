import { KubeClient } from '../../../src/kube/client.ts';
import type { RawObject } from '../../../src/snapshot/workload.ts';
import { until } from '../until.ts';
import type { Done } from './preemption-verdict.ts';
import { MOST_PRIORITY, NODE, NODES, type World, type WorldPod } from './preemption-world.ts';
import { HOST, type Part } from './words.ts';

/** Each has every world to itself, on nodes of its own. */
const SCHEDULERS = ['default-scheduler', 'proffer'] as const;

/** The cluster that so many worlds are on at a time. */
export const preemptionCluster = (worlds: number) => ({
  kwok: true,
  scheduler: true,
  fakeNodes: worlds * SCHEDULERS.length * NODES,
  fakeNode: { cpu: `${NODE.cpu}`, memory: `${NODE.memory}Gi` },
});

/** Within this time Proffer asks a budget again that forbade an eviction, and what it kept of a gang follows. */
const ASKED_AGAIN_MS = 5000;

interface Listed {
  readonly items: readonly RawObject[];
}
interface Waiting {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly nominatedNodeName?: string;
    readonly conditions?: readonly { readonly type: string; readonly reason?: string }[];
  };
}

/** One world as one scheduler has it. */
class Copy {
  readonly #client: KubeClient;
  readonly #scheduler: string;
  readonly #namespace: string;
  readonly #nodes: readonly string[];

  constructor(client: KubeClient, place: number, side: number) {
    const first = (place * SCHEDULERS.length + side) * NODES;
    this.#client = client;
    this.#scheduler = SCHEDULERS[side]!;
    this.#namespace = `world-${place}-${side}`;
    this.#nodes = Array.from({ length: NODES }, (_, i) => `fake-${String(first + i).padStart(5, '0')}`);
  }

  async prepare(): Promise<void> {
    await create(this.#client, '/api/v1/namespaces', { metadata: { name: this.#namespace } });
    const accounts = this.#path('serviceaccounts');
    await until('its account', async () => (await list(this.#client, accounts)).items.length > 0);
  }

  /** Makes all but the Pod that comes, and waits until it is as drawn. */
  async put({ standing, budget }: World): Promise<void> {
    const gang = standing.filter((pod) => pod.gang !== undefined).length;
    await Promise.all(standing.map((pod) => create(this.#client, this.#path('pods'), this.#pod(pod, gang))));
    const of = standing.filter(({ app }) => app === budget?.app);
    if (budget)
      await create(this.#client, this.#budgets, {
        metadata: { name: 'budget' },
        spec: {
          minAvailable: of.length - budget.allows,
          selector: { matchLabels: { app: budget.app } },
        },
      });
    await until(`${this.#namespace} to run`, async () => {
      const pods = await this.#pods();
      const [own] = (await list(this.#client, this.#budgets)).items;
      const status = own?.status as { disruptionsAllowed?: number; currentHealthy?: number } | undefined;
      const running = pods.filter(({ status: is }) => (is as { phase?: string }).phase === 'Running');
      return (
        running.length === standing.length &&
        (!budget || (status?.currentHealthy === of.length && status.disruptionsAllowed === budget.allows))
      );
    });
  }

  /** Lets the Pod come, and waits until it has a node, or will have none: where budgets are, for as long as it may ask them again. */
  async see({ standing, comer, budget }: World): Promise<Done> {
    let [last, since] = ['', 0];
    await create(this.#client, this.#path('pods'), this.#pod(comer));
    return until(`a verdict on ${this.#namespace}`, async () => {
      const pods = await this.#pods();
      const { spec, status } = pods.find(
        ({ metadata }) => metadata.name === comer.name,
      )! as unknown as Waiting;
      const isJudged = status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason);
      const isLeaving = pods.some(({ metadata }) => 'deletionTimestamp' in metadata);
      if (isLeaving || (spec.nodeName === undefined && (status.nominatedNodeName || !isJudged)))
        return undefined;
      const left = new Set(pods.map(({ metadata }) => metadata.name));
      const node = spec.nodeName === undefined ? undefined : this.#nodes.indexOf(spec.nodeName);
      const gone = standing.map(({ name }) => name).filter((name) => !left.has(name));
      const said = `${node} ${gone.join()}`;
      if (said !== last) [last, since] = [said, Date.now()];
      return !budget || Date.now() - since >= ASKED_AGAIN_MS ? { node, gone: new Set(gone) } : undefined;
    });
  }

  async clear(): Promise<void> {
    for (const path of [this.#budgets, this.#path('pods')])
      await this.#client.request({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } });
    await until('an empty world', async () => (await this.#pods()).length === 0);
  }

  get #budgets(): string {
    return `/apis/policy/v1/namespaces/${this.#namespace}/poddisruptionbudgets`;
  }

  #path(of: string): string {
    return `/api/v1/namespaces/${this.#namespace}/${of}`;
  }

  async #pods(): Promise<readonly RawObject[]> {
    return (await list(this.#client, this.#path('pods'))).items;
  }

  /** @param gang its size, where it is of one */
  #pod(pod: WorldPod, gang = 0): Part {
    const { name, app, cpu, memory, priority, hostPort, node, near, avoids, spreads } = pod;
    const spread = {
      maxSkew: 1,
      topologyKey: HOST,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app } },
    };
    const names = { key: HOST, operator: 'In', values: this.#nodes };
    const terms = { nodeSelectorTerms: [{ matchExpressions: [names] }] };
    const container = {
      name: 'main',
      image: 'none',
      ports: hostPort === undefined ? [] : [{ containerPort: 80, hostPort }],
      resources: { requests: { cpu: `${cpu}`, memory: `${memory}Gi` } },
    };
    const labels = pod.gang ? { 'proffer.dev/gang': pod.gang, 'proffer.dev/gang-min': `${gang}` } : {};
    return {
      metadata: { name, labels: { app, ...labels } },
      spec: {
        schedulerName: this.#scheduler,
        priorityClassName: `p${priority}`,
        terminationGracePeriodSeconds: 0,
        containers: [container],
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
          ...(near ? { podAffinity: required(near) } : {}),
          ...(avoids ? { podAntiAffinity: required(avoids) } : {}),
        },
        ...(spreads ? { topologySpreadConstraints: [spread] } : {}),
        ...(node === undefined ? {} : { nodeName: this.#nodes[node] }),
      },
    };
  }
}

const required = (app: string): Part => ({
  requiredDuringSchedulingIgnoredDuringExecution: [
    { topologyKey: HOST, labelSelector: { matchLabels: { app } } },
  ],
});

const create = (client: KubeClient, path: string, body: Part) =>
  client.request<RawObject>({ method: 'POST', path, body });

const list = (client: KubeClient, path: string) => client.request<Listed>({ method: 'GET', path });

/** The API server that random worlds are put on, each once for kube-scheduler and once for Proffer. */
export class PreemptionGround {
  readonly #client: KubeClient;
  readonly #copies: readonly (readonly Copy[])[];

  /** @param worlds so many at a time */
  constructor(kubeconfig: string, worlds: number) {
    this.#client = KubeClient.load({ kubeconfig });
    this.#copies = Array.from({ length: worlds }, (_, place) =>
      SCHEDULERS.map((_, side) => new Copy(this.#client, place, side)),
    );
  }

  /** Makes the namespaces and classes that worlds are made in. */
  async prepare(): Promise<void> {
    for (let value = 1; value <= MOST_PRIORITY; value++)
      await create(this.#client, '/apis/scheduling.k8s.io/v1/priorityclasses', {
        metadata: { name: `p${value}` },
        value,
      });
    await Promise.all(this.#copies.flat().map((copy) => copy.prepare()));
  }

  /** Puts worlds up together. @returns for each what kube-scheduler did, and what Proffer did */
  async compare(worlds: readonly World[]): Promise<[Done, Done][]> {
    const all = worlds.flatMap((world, i) => this.#copies[i]!.map((copy) => ({ world, copy })));
    await Promise.all(all.map(({ world, copy }) => copy.put(world)));
    const done = await Promise.all(all.map(({ world, copy }) => copy.see(world)));
    await Promise.all(all.map(({ copy }) => copy.clear()));
    return worlds.map((_, i) => [done[2 * i]!, done[2 * i + 1]!]);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
