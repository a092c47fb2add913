import { serverClaimFacts } from '../allocation/server-claim.ts';
import { API_VERSION } from '../api/group.ts';
import { KIND, type KindNames } from '../api/kinds.ts';
import { budgetFacts } from '../controllers/budgets.ts';
import { revisionFacts } from '../controllers/revisions.ts';
import type { Stores } from '../controllers/stores.ts';
import { WORKLOADS } from '../frameworks/drivers.ts';
import { Comeback } from '../kube/comeback.ts';
import { Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import { Store, type Keyed, type StoreOptions } from '../kube/store.ts';
import { keyOf, type KubeObject } from '../kube/types.ts';
import { isSameJson } from '../lib/same-json.ts';
import { agentFacts } from '../snapshot/agent.ts';
import { namespaceFacts } from '../snapshot/namespace.ts';
import { nodeLease } from '../snapshot/node-lease.ts';
import { priorityClassFacts } from '../snapshot/priority-class.ts';
import type { Faulty } from '../snapshot/reading/schema.ts';
import { runtimeClassFacts } from '../snapshot/runtime-class.ts';
import { serviceFacts } from '../snapshot/service.ts';
import { withOwnTime, type PodFacts } from '../snapshot/task.ts';
import { STORAGE, type StorageFacts, type StorageKind } from '../snapshot/volumes/storage.ts';
import { roleFacts } from '../snapshot/workload.ts';
import type { AssumedPods } from '../writes/assumed.ts';

/** What the mirrors are made of. */
export interface MirrorMeans extends Pick<ReflectorOptions<Keyed>, 'client' | 'clock' | 'random' | 'log'> {
  readonly assumed: AssumedPods;
  readonly readPod: (raw: KubeObject) => PodFacts;
  /** Hears of what cannot be read. */
  readonly look: (resource: string, facts: Faulty & Keyed) => void;
}

/** A mirror, whatever it is of. */
type Mirror = Pick<Reflector<Keyed>, 'run' | 'synced' | 'counters'>;

/** What changes in an object beside what is kept of it, such as a node's heartbeat in its status, says nothing. */
const ALIKE = { same: isSameJson };

/** A collection of the API server, as it is mirrored. */
interface Followed<T extends Keyed> {
  readonly store: Store<T>;
  readonly mirror: Reflector<T>;
}

const collection = ({ plural }: KindNames): string => `/apis/${API_VERSION}/${plural}`;

/** Mirrors all that the operator reads of the cluster, once each mirror runs. */
export function mirrorCluster({ assumed, readPod, look, ...means }: MirrorMeans) {
  const comeback = new Comeback();
  const mirrors: [resource: string, mirror: Mirror][] = [];
  const follow = <T extends Keyed & Faulty>(
    path: string,
    read: (raw: KubeObject) => T,
    { query = {}, ...options }: StoreOptions<T> & Pick<ReflectorOptions<T>, 'query'> = {},
  ): Followed<T> => {
    const resource = path.slice(path.lastIndexOf('/') + 1);
    const store = new Store<T>(options);
    const transform = (raw: KubeObject): T => {
      const facts = read(raw);
      look(resource, facts);
      return facts;
    };
    const mirror = new Reflector({ ...means, path, query, store, transform, comeback });
    mirrors.push([resource, mirror]);
    return { store, mirror };
  };
  const storeOf: <T extends Keyed & Faulty>(...args: Parameters<typeof follow<T>>) => Store<T> = (...args) =>
    follow(...args).store;
  const storageOf = <K extends StorageKind>(kind: K, options?: StoreOptions<StorageFacts[K]>) => {
    const { group, plural, read } = STORAGE[kind];
    return storeOf<StorageFacts[K]>(
      `${group === '' ? '/api' : `/apis/${group}`}/v1/${plural}`,
      read,
      options,
    );
  };

  const pods: Followed<PodFacts> = follow('/api/v1/pods', (raw) => {
    const key = keyOf(raw.metadata);
    // A Pod of ours is read when its create is answered, or here.
    const pod = assumed.storedAt(key, raw.metadata.resourceVersion) ?? readPod(raw);
    return withOwnTime(pod, pods.store.get(key), means.clock.now());
  });
  const leases = follow('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', nodeLease, {
    same: (a, b) => a.renewedAt === b.renewedAt,
  });
  const workloads = WORKLOADS.map(
    ({ names, read }) => [names.kind, follow(collection(names), read)] as const,
  );
  const stores: Stores = {
    pods: pods.store,
    nodes: storeOf('/api/v1/nodes', agentFacts, ALIKE),
    workloads: new Map(workloads.map(([kind, { store }]) => [kind, store])),
    roles: storeOf(collection(KIND.role), roleFacts),
    namespaces: storeOf('/api/v1/namespaces', namespaceFacts, ALIKE),
    services: storeOf('/api/v1/services', serviceFacts, ALIKE),
    priorityClasses: storeOf('/apis/scheduling.k8s.io/v1/priorityclasses', priorityClassFacts),
    runtimeClasses: storeOf('/apis/node.k8s.io/v1/runtimeclasses', runtimeClassFacts),
    storage: {
      claims: storageOf('claims'),
      volumes: storageOf('volumes'),
      classes: storageOf('classes', ALIKE),
      csiNodes: storageOf('csiNodes', ALIKE),
      csiDrivers: storageOf('csiDrivers', ALIKE),
      csiCapacities: storageOf('csiCapacities', ALIKE),
      attachments: storageOf('attachments', ALIKE),
    },
  };
  // What is kept for workloads beside their tasks.
  const histories = WORKLOADS.flatMap(({ names, history }) => {
    if (!history) return [];
    const query = { labelSelector: history.label };
    const revisions = storeOf('/apis/apps/v1/controllerrevisions', revisionFacts, { ...ALIKE, query });
    return [{ history, workloads: stores.workloads.get(names.kind)!, revisions }];
  });
  const guards = WORKLOADS.flatMap(({ names, guard }) => {
    if (!guard) return [];
    const query = { labelSelector: guard.label };
    const budgets = storeOf('/apis/policy/v1/poddisruptionbudgets', budgetFacts, { ...ALIKE, query });
    return [{ guard, workloads: stores.workloads.get(names.kind)!, budgets }];
  });
  const serverClaims = follow(collection(KIND.serverClaim), serverClaimFacts);
  return {
    stores,
    serverClaims: serverClaims.store,
    histories,
    guards,
    leases,
    podMirror: pods.mirror,
    /**
     * Brings the stores of Pods, workloads and claims up to date: a leader before us may have written Pods, and counted in the
     * status of a workload those that are gone.
     */
    resync: async (): Promise<void> => {
      const followed = [pods, serverClaims, ...workloads.map(([, each]) => each)];
      await Promise.all(followed.map(({ mirror }) => mirror.resync()));
    },
    /** Each of them, by what it mirrors. */
    mirrors,
    synced: (): boolean => mirrors.every(([, { synced }]) => synced),
  };
}

/** All that the operator reads of the cluster. */
export type Mirrors = ReturnType<typeof mirrorCluster>;
