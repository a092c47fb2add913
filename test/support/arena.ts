import { startCluster, type Cluster, type StartOptions } from '../../hack/cluster/index.ts';
import type { GameServerPoolStatus } from '../../src/api/gameserverpool.ts';
import type { OfferRoleStatus } from '../../src/api/offerrole.ts';
import type { TrainingJobStatus } from '../../src/api/trainingjob.ts';
import { KubeClient, type Query } from '../../src/kube/client.ts';
import { applyCrds } from './crds.ts';
import { saw, until } from './until.ts';
import type { Manifest } from './workloads.ts';

/** A Pod as kubectl shows it; the fields that tests look at. */
export interface ShownPod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly image?: string;
      readonly ports?: readonly {
        readonly containerPort: number;
        readonly hostPort?: number;
        readonly protocol?: string;
      }[];
    }[];
  };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

const OURS = '/apis/proffer.dev/v1alpha1';

interface List<T> {
  readonly items: T[];
}

interface Shown<S> {
  readonly metadata: { readonly generation: number };
  readonly status?: S;
}

interface Regarding {
  readonly regarding: { readonly kind: string; readonly name: string };
}

/** An Event of one of our objects. */
export interface ShownEvent {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  /** ISO 8601, microseconds. */
  readonly eventTime: string;
}

/**
 * A cluster that serves Proffer's objects, with the questions that tests ask it. They are asked again and again, so not by
 * kubectl, each run of which would take a twentieth of a second from the two cores that the cluster has.
 */
export class Arena {
  readonly cluster: Cluster;
  readonly #client: KubeClient;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.#client = KubeClient.load({ kubeconfig: cluster.kubeconfigPath });
  }

  /** Brings a cluster up and installs the CRDs of this checkout. */
  static async start(options: StartOptions): Promise<Arena> {
    const cluster = await startCluster(options);
    await applyCrds(cluster);
    const arena = new Arena(cluster);
    await arena.#accountOf('default');
    return arena;
  }

  /** Makes a namespace, ready for Pods. */
  async namespace(name: string): Promise<void> {
    await this.cluster.kubectl('create', 'namespace', name);
    await this.#accountOf(name);
  }

  async apply(...manifests: readonly Manifest[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: manifests };
    await this.cluster.kubectlWithInput(JSON.stringify(list), 'apply', '-f', '-');
  }

  /**
   * Waits until the API server refuses every Pod of the namespace default: its admission hears of quotas and webhooks
   * by watches, too, and admits as if they were not there until then.
   */
  async shut(why: string): Promise<void> {
    await until(`${why} to be in force`, () =>
      this.cluster.kubectl('run', 'probe', '--image=none', '--dry-run=server').then(
        () => false,
        () => true,
      ),
    );
  }

  async scale(pool: string, replicas: number, namespace = 'default'): Promise<void> {
    await this.cluster.kubectl('scale', `gsp/${pool}`, `--replicas=${replicas}`, '-n', namespace);
  }

  /**
   * Gives OfferRoles and waits until the operator goes by them. Objects of different kinds reach it by different
   * watches, in any order: a pool that is given with its role may be served before the role is known.
   */
  async enact(...roles: readonly Manifest[]): Promise<void> {
    await this.apply(...roles);
    await until('the roles to be in effect', async () => {
      const { items } = await this.#get<List<Shown<OfferRoleStatus>>>(`${OURS}/offerroles`);
      return saw(items).every(({ metadata, status }) => status?.observedGeneration === metadata.generation);
    });
  }

  /** Pods of a namespace that a label selector picks. */
  async pods(selector: string, namespace = 'default'): Promise<ShownPod[]> {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { items } = await this.#get<List<ShownPod>>(path, { labelSelector: selector });
    saw(
      items.map(({ metadata: { name, uid, deletionTimestamp, labels }, spec: { nodeName }, status }) => {
        return { name, uid, deletionTimestamp, labels, nodeName, phase: status.phase };
      }),
    );
    return items;
  }

  /** Pods of a pool that are not on their way out. */
  async servers(pool: string, namespace = 'default'): Promise<ShownPod[]> {
    const pods = await this.pods(`proffer.dev/pool=${pool}`, namespace);
    return pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  async poolStatus(name: string, namespace = 'default'): Promise<GameServerPoolStatus> {
    return (await this.#shown<GameServerPoolStatus>('gameserverpools', name, namespace)).status ?? {};
  }

  async jobStatus(name: string, namespace = 'default'): Promise<TrainingJobStatus> {
    return (await this.#shown<TrainingJobStatus>('trainingjobs', name, namespace)).status ?? {};
  }

  async roleStatus(name: string): Promise<OfferRoleStatus> {
    return saw((await this.#get<Shown<OfferRoleStatus>>(`${OURS}/offerroles/${name}`)).status ?? {});
  }

  /** Waits until a pool has so many servers, all ready, and says so of its spec of now. */
  async ready(pool: string, servers: number, namespace = 'default'): Promise<ShownPod[]> {
    return until(`${servers} ready servers in ${pool}`, async () => {
      const { metadata, status } = await this.#shown<GameServerPoolStatus>(
        'gameserverpools',
        pool,
        namespace,
      );
      const { observedGeneration, readyReplicas, replicas, pendingReplicas } = status ?? {};
      if (observedGeneration !== metadata.generation) return undefined;
      if (readyReplicas !== servers || replicas !== servers || pendingReplicas !== 0) return undefined;
      const pods = await this.servers(pool, namespace);
      return pods.length === servers ? pods : undefined;
    });
  }

  /** Events of an object, oldest first. */
  async events(kind: string, name: string, namespace = 'default'): Promise<ShownEvent[]> {
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const { items } = await this.#get<List<ShownEvent & Regarding>>(path);
    const own = items.filter(({ regarding }) => regarding.kind === kind && regarding.name === name);
    return saw(own.toSorted((a, b) => (a.eventTime < b.eventTime ? -1 : 1)));
  }

  /** Deletes all pools and jobs and waits until their Pods are gone. */
  async clear(namespace = 'default'): Promise<void> {
    await this.cluster.kubectl('delete', 'gsp,tj', '--all', '-n', namespace);
    // The garbage collector would do it, but hears of a new kind of owner half a minute after that was made.
    await this.cluster.kubectl('delete', 'pods', '--all', '--wait=false', '-n', namespace);
    await until(`no Pods in ${namespace}`, async () => (await this.pods('', namespace)).length === 0);
  }

  async down(): Promise<void> {
    await this.#client.close();
    await this.cluster.down();
  }

  #get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#client.request<T>({ method: 'GET', path, query });
  }

  /** An object of ours, by the plural of its kind. */
  async #shown<S>(plural: string, name: string, namespace: string): Promise<Shown<S>> {
    const object = await this.#get<Shown<S>>(`${OURS}/namespaces/${namespace}/${plural}/${name}`);
    saw(object.status);
    return object;
  }

  /** Pods are refused until the controller has made the account that they run under. */
  async #accountOf(namespace: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    await until(`the service account of ${namespace}`, () => this.#get(path));
  }
}
