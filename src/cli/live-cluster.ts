import { KIND } from '../api/kinds.ts';
import { API_VERSION } from '../api/group.ts';
import { addDocuments, noObjects, type ClusterObjects } from '../dump/index.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Io } from './io.ts';
import { listAll } from '../kube/list.ts';
import type { KubeObject } from '../kube/types.ts';

/** A list to read. */
interface Wanted {
  readonly what: string;
  /** Path below the group and version: of all namespaces, where it has any. */
  readonly path: string;
  /** Path of those of one namespace alone, for who may not list all; undefined for a kind without namespaces. */
  readonly own?: (namespace: string) => string;
  /** What goes without it. */
  readonly without: string;
}

const of = (group: string, what: string, without: string): Wanted => ({
  what,
  path: `${group}/${what}`,
  without,
});

const namespaced = (group: string, what: string, without: string): Wanted => ({
  ...of(group, what, without),
  own: (namespace) => `${group}/namespaces/${namespace}/${what}`,
});

const [CORE, OURS, STORAGE] = ['/api/v1', `/apis/${API_VERSION}`, '/apis/storage.k8s.io/v1'];
const NONE = 'they are taken to be none';
const VOLUMES = 'what they say of volumes is not looked at';

const LISTS: readonly Wanted[] = [
  of(CORE, 'nodes', 'where a task could run is not shown, and what holds it is what its status says'),
  namespaced(CORE, 'pods', 'there is nothing to explain'),
  of(CORE, 'namespaces', 'they are taken to have no labels'),
  namespaced(CORE, 'services', 'they are taken to spread nobody'),
  of('/apis/scheduling.k8s.io/v1', 'priorityclasses', 'they are taken to be what their Pods bear'),
  of('/apis/node.k8s.io/v1', 'runtimeclasses', NONE),
  namespaced(CORE, 'persistentvolumeclaims', VOLUMES),
  of(CORE, 'persistentvolumes', VOLUMES),
  of(STORAGE, 'storageclasses', VOLUMES),
  of(STORAGE, 'csinodes', VOLUMES),
  of(STORAGE, 'csidrivers', VOLUMES),
  of(STORAGE, 'csistoragecapacities', VOLUMES),
  of(STORAGE, 'volumeattachments', VOLUMES),
  namespaced(OURS, KIND.pool.plural, NONE),
  namespaced(OURS, KIND.job.plural, NONE),
  of(OURS, KIND.role.plural, NONE),
  {
    what: 'leases of kubelets',
    path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
    without: 'nodes count as silent by their conditions alone',
  },
];

/** How much of a kind was read: all, those of one namespace, or none, since nobody serves it or it is not yours to list. */
type Extent = 'all' | 'own' | 'absent' | 'forbidden';

/** What was read of the cluster. */
export interface LiveCluster {
  readonly cluster: ClusterObjects;
  /** Whether everything was listed. */
  readonly complete: boolean;
  /** Nodes were not yours to list. */
  readonly blind: boolean;
}

/**
 * Reads the objects of the cluster that a client talks to, as far as its user may: where not all of a kind, those of a
 * namespace. What is missing is told in a sentence for each way in which it is.
 * @throws KubeError, also when not even the Pods of the namespace may be listed
 */
export async function readCluster(client: KubeClient, namespace: string, io: Io): Promise<LiveCluster> {
  const cluster = noObjects();
  const read = new Map<Wanted, Extent>();
  await Promise.all(
    LISTS.map(async (wanted) => {
      const { items, extent } = await readList(client, wanted, namespace);
      read.set(wanted, extent);
      const documents = items.map((value) => ({ value, where: wanted.what }));
      addDocuments(cluster, documents, '');
    }),
  );
  tell(read, namespace, io);
  const extents = [...read.values()];
  return {
    cluster,
    complete: !extents.includes('forbidden') && !extents.includes('own'),
    blind: read.get(LISTS[0]!) === 'forbidden',
  };
}

/** Lists a kind as far as the user may. */
async function readList(
  client: KubeClient,
  { what, path, own }: Wanted,
  namespace: string,
): Promise<{ readonly items: readonly KubeObject[]; readonly extent: Extent }> {
  const { signal } = new AbortController();
  const list = async (from: string): Promise<KubeObject[]> => {
    let items: KubeObject[] = [];
    const onItem = (item: KubeObject) => void items.push(item);
    await listAll({ client, path: from, signal, onItem, onRestart: () => void (items = []) });
    return items;
  };
  try {
    return { items: await list(path), extent: 'all' };
  } catch (error) {
    if (isKubeError(error, 'notFound')) return { items: [], extent: 'absent' };
    if (!isKubeError(error, 'forbidden')) throw error;
  }
  if (own === undefined) return { items: [], extent: 'forbidden' };
  try {
    return { items: await list(own(namespace)), extent: 'own' };
  } catch (error) {
    if (what === 'pods' || !isKubeError(error, 'forbidden')) throw error;
    return { items: [], extent: 'forbidden' };
  }
}

/** Tells what was not read, and what that means. */
function tell(read: ReadonlyMap<Wanted, Extent>, namespace: string, { complain }: Io): void {
  const those = (extent: Extent): Wanted[] => LISTS.filter((wanted) => read.get(wanted) === extent);
  const names = (lists: readonly Wanted[]): string => lists.map(({ what }) => what).join(', ');
  const without = (lists: readonly Wanted[]): string =>
    [...Map.groupBy(lists, (wanted) => wanted.without)]
      .map(([loss, its]) => (its.length === lists.length ? loss : `without ${names(its)} ${loss}`))
      .join('; ');
  const [own, absent, forbidden] = [those('own'), those('absent'), those('forbidden')];
  if (own.length > 0)
    complain(
      `of ${names(own)} you may list those of namespace ${namespace} alone: what others hold counts as free`,
    );
  if (absent.length > 0) complain(`${names(absent)} are not served by this cluster: ${without(absent)}`);
  if (forbidden.length > 0) complain(`you may not list ${names(forbidden)}: ${without(forbidden)}`);
}
