import type { KubeClient } from '../../../src/kube/client.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { RawObject } from '../../../src/snapshot/workload.ts';
import type { StorageObject } from './random-storage.ts';
import { HOST, NAMESPACE_NAMES, type Part } from './words.ts';

/** Kinds of objects that volumes are made of, dependants first. */
const PLURALS = [
  'volumeattachments',
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses',
  'csinodes',
  'csidrivers',
  'csistoragecapacities',
];
const NAMESPACED = new Set(['persistentvolumeclaims', 'csistoragecapacities']);

/** Controllers that would see to claims and volumes, so that these would not stay as they are drawn. */
const CONTROLLERS_AWAY = [
  'persistentvolume-binder-controller',
  'persistentvolume-attach-detach-controller',
  'persistentvolumeclaim-protection-controller',
  'persistentvolume-protection-controller',
  'ephemeral-volume-controller',
  'garbage-collector-controller',
];

/** The cluster that random ones are put on. */
export const CLUSTER = {
  extraFlags: {
    'kube-controller-manager': [`--controllers=*,${CONTROLLERS_AWAY.map((name) => `-${name}`).join(',')}`],
  },
};

/** Collections of those kinds, for lists of all there is. */
export const STORAGE_PATHS = PLURALS.map((plural) => collection(plural));

function collection(plural: string, namespace?: string): string {
  const root = plural.startsWith('persistentvolume') ? '/api/v1' : '/apis/storage.k8s.io/v1';
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

interface Items {
  readonly items: readonly RawObject[];
}

/** Puts what volumes are made of on the API server, as it is drawn, and takes it away again. */
export class StorageGround {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Makes one object. What the API server refuses is left out. */
  async put({ plural, object, status, leaving }: StorageObject): Promise<void> {
    const { name, namespace } = object['metadata'] as { name: string; namespace?: string };
    const path = collection(plural, namespace);
    try {
      await this.#request('POST', path, object);
    } catch (error) {
      if (isKubeError(error, 'invalid')) return;
      throw error;
    }
    if (status) await this.#request('PATCH', `${path}/${name}/status`, { status });
    if (leaving) await this.#request('DELETE', `${path}/${name}`);
  }

  /** Asks for everything to go, and lets go of what is kept by finalizers. @returns whether it is gone */
  async clear(): Promise<boolean> {
    let left = 0;
    for (const plural of PLURALS) {
      const { items } = await this.#request<Items>('GET', collection(plural));
      left += items.length;
      if (items.length === 0) continue;
      const namespaces = NAMESPACED.has(plural) ? NAMESPACE_NAMES : [undefined];
      for (const namespace of namespaces) await this.#request('DELETE', collection(plural, namespace));
      for (const { metadata } of items) {
        if (plural !== 'persistentvolumeclaims' && plural !== 'persistentvolumes') continue;
        const path = `${collection(plural, metadata.namespace)}/${metadata.name}`;
        await this.#free(path);
      }
    }
    return left === 0;
  }

  async #free(path: string): Promise<void> {
    try {
      await this.#request('PATCH', path, { metadata: { finalizers: null } });
    } catch (error) {
      if (!isKubeError(error, 'notFound')) throw error;
    }
  }

  #request<T = RawObject>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: Part,
  ): Promise<T> {
    return this.#client.request<T>({ method, path, ...(body === undefined ? {} : { body }) });
  }
}

const SENTINEL = 'sentinel';
const DRIVER = 'sentinel.example.com';
const MAKER = 'sentinel-maker.example.com';

/**
 * What is made after all else: as soon as a Pod with the volumes below passes on all nodes but the first and the last,
 * the scheduler knows every object before these.
 * @param nodes names of the nodes; the last one's CSINode is among the objects
 */
export function sentinelStorage(nodes: readonly string[]): StorageObject[] {
  const [first, last] = [nodes[0]!, nodes.at(-1)!];
  const metadata = { name: SENTINEL };
  const claim = (name: string, annotations: Part, spec: Part): StorageObject => ({
    plural: 'persistentvolumeclaims',
    object: {
      metadata: { name, namespace: NAMESPACE_NAMES[0], annotations },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        storageClassName: SENTINEL,
        ...spec,
      },
    },
  });
  const volume = (name: string): StorageObject => ({
    plural: 'persistentvolumes',
    object: {
      metadata: { name },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: SENTINEL,
        csi: { driver: DRIVER, volumeHandle: name },
      },
    },
  });
  return [
    {
      plural: 'storageclasses',
      object: { metadata, provisioner: MAKER, volumeBindingMode: 'WaitForFirstConsumer' },
    },
    {
      plural: 'csistoragecapacities',
      object: {
        metadata: { ...metadata, namespace: NAMESPACE_NAMES[0] },
        storageClassName: SENTINEL,
        capacity: '1Gi',
        nodeTopology: { matchExpressions: [{ key: HOST, operator: 'NotIn', values: [first] }] },
      },
    },
    {
      plural: 'csidrivers',
      object: { metadata: { name: MAKER }, spec: { storageCapacity: true } },
    },
    {
      plural: 'csinodes',
      object: {
        metadata: { name: last },
        spec: { drivers: [{ name: DRIVER, nodeID: last, allocatable: { count: 1 } }] },
      },
    },
    volume('sentinel-bound'),
    volume('sentinel-idle'),
    claim('sentinel-made', {}, {}),
    claim('sentinel-bound', { 'pv.kubernetes.io/bind-completed': 'yes' }, { volumeName: 'sentinel-bound' }),
    {
      plural: 'volumeattachments',
      object: {
        metadata,
        spec: { attacher: DRIVER, nodeName: last, source: { persistentVolumeName: 'sentinel-idle' } },
      },
    },
  ];
}

/** Volumes of the Pod that tells. */
export const SENTINEL_VOLUMES: readonly Part[] = ['sentinel-made', 'sentinel-bound'].map((claimName) => ({
  name: claimName,
  persistentVolumeClaim: { claimName },
}));
