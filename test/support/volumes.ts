import type { Cluster } from '../../hack/cluster/index.ts';
import { SELECTED_NODE } from '../../src/api/volume-annotations.ts';
import { saw } from './until.ts';
import type { Manifest } from './workloads.ts';

/** A PersistentVolumeClaim as tests look at it. */
export interface ShownClaim {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec: { readonly volumeName?: string };
  readonly status: { readonly phase: string };
}

/** A StorageClass whose claims wait for their first Pod. */
export const storageClass = (name: string, provisioner = 'kubernetes.io/no-provisioner'): Manifest => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
});

/** A claim of 1Gi in the namespace default. */
export const claim = (name: string, storageClassName: string, accessMode = 'ReadWriteOnce'): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: {
    storageClassName,
    accessModes: [accessMode],
    resources: { requests: { storage: '1Gi' } },
  },
});

/** What a test says of a disk of 1Gi. */
interface DiskWish {
  readonly name: string;
  /** Name of its StorageClass. */
  readonly of: string;
  readonly node: string;
  readonly accessMode?: string;
  /** The claim that it was made for. */
  readonly claimRef?: Manifest;
}

/** A disk of a node. */
export const disk = ({ name, of, node, accessMode = 'ReadWriteOnce', claimRef }: DiskWish): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    storageClassName: of,
    capacity: { storage: '1Gi' },
    accessModes: [accessMode],
    persistentVolumeReclaimPolicy: 'Retain',
    local: { path: '/none' },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
        ],
      },
    },
    ...(claimRef === undefined ? {} : { claimRef }),
  },
});

/** Volumes of a PodSpec that use claims. */
export const volumesOf = (...claims: readonly string[]): Manifest => ({
  volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
});

/** A claim of the namespace default as it is now. */
export async function shownClaim(cluster: Cluster, name: string): Promise<ShownClaim> {
  const text = await cluster.kubectl('get', 'pvc', name, '-n', 'default', '-o', 'json');
  return saw(JSON.parse(text) as ShownClaim);
}

/** What a provisioner does when it is told the node of a claim: it makes a volume there, for that claim. */
export async function provision(cluster: Cluster, name: string, of: string): Promise<void> {
  const { metadata } = await shownClaim(cluster, name);
  const node = metadata.annotations![SELECTED_NODE]!;
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'default',
    name,
    uid: metadata.uid,
  };
  const volume = disk({ name: `made-${name}`, of, node, claimRef });
  await cluster.kubectlWithInput(JSON.stringify(volume), 'apply', '-f', '-');
}
