import { KIND, type KindNames } from '../api/kinds.ts';
import { API_VERSION } from '../api/group.ts';
import { addDocuments, noObjects, type ClusterObjects } from '../dump/index.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { listAll } from '../kube/list.ts';
import type { KubeObject } from '../kube/types.ts';

/** A list to read. */
interface Wanted {
  readonly what: string;
  readonly path: string;
  /** What goes without it, for those who may not read it; undefined when nothing does. */
  readonly without?: string;
}

const ours = ({ plural }: KindNames): Wanted => ({
  what: plural,
  path: `/apis/${API_VERSION}/${plural}`,
  without: 'they are taken to be none',
});

const storage = (path: string): Wanted => ({
  what: path.slice(path.lastIndexOf('/') + 1),
  path,
  without: 'what they say of volumes is not looked at',
});

const LISTS: readonly Wanted[] = [
  { what: 'nodes', path: '/api/v1/nodes' },
  { what: 'pods', path: '/api/v1/pods' },
  {
    what: 'namespaces',
    path: '/api/v1/namespaces',
    without: 'they are taken to have no labels',
  },
  {
    what: 'services',
    path: '/api/v1/services',
    without: 'they are taken to spread nobody',
  },
  {
    what: 'priorityclasses',
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    without: 'they are taken to be what their Pods bear',
  },
  {
    what: 'runtimeclasses',
    path: '/apis/node.k8s.io/v1/runtimeclasses',
    without: 'they are taken to be none',
  },
  storage('/api/v1/persistentvolumeclaims'),
  storage('/api/v1/persistentvolumes'),
  storage('/apis/storage.k8s.io/v1/storageclasses'),
  storage('/apis/storage.k8s.io/v1/csinodes'),
  storage('/apis/storage.k8s.io/v1/csidrivers'),
  storage('/apis/storage.k8s.io/v1/csistoragecapacities'),
  storage('/apis/storage.k8s.io/v1/volumeattachments'),
  ours(KIND.pool),
  ours(KIND.job),
  ours(KIND.role),
  {
    what: 'leases of kubelets',
    path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
    without: 'nodes count as silent by their conditions alone',
  },
];

/**
 * Reads the objects of the cluster that a client talks to. What may be left out is, with a note: the kinds of Proffer
 * where they are not installed, and the leases of kubelets.
 * @returns whether everything was listed, too
 * @throws KubeError
 */
export async function readCluster(
  client: KubeClient,
  complain: (text: string) => void,
): Promise<{ readonly cluster: ClusterObjects; readonly complete: boolean }> {
  const cluster = noObjects();
  let complete = true;
  const { signal } = new AbortController();
  await Promise.all(
    LISTS.map(async ({ what, path, without }) => {
      let items: KubeObject[] = [];
      const onItem = (item: KubeObject) => void items.push(item);
      try {
        await listAll({ client, path, signal, onItem, onRestart: () => void (items = []) });
      } catch (error) {
        const bearable = isKubeError(error, 'notFound') || isKubeError(error, 'forbidden');
        if (without === undefined || !bearable) throw error;
        if (error.kind === 'forbidden') complete = false;
        const why = error.kind === 'notFound' ? 'not served by this cluster' : 'not yours to list';
        complain(`proffer: ${what} are ${why}: ${without}\n`);
      }
      addDocuments(
        cluster,
        items.map((value) => ({ value, where: what })),
        '',
      );
    }),
  );
  return { cluster, complete };
}
