import type { RawObject } from '../../src/snapshot/workload.ts';
import { STORAGE, type StorageInputs, type StorageKind } from '../../src/snapshot/volumes/storage.ts';

/** Raw objects of what volumes are made of, by kind. */
export type RawStorage = { readonly [K in StorageKind]?: readonly RawObject[] };

/** Reads raw objects as the operator reads them. */
export const storageOf = (raw: RawStorage): StorageInputs => ({
  claims: (raw.claims ?? []).map(STORAGE.claims.read),
  volumes: (raw.volumes ?? []).map(STORAGE.volumes.read),
  classes: (raw.classes ?? []).map(STORAGE.classes.read),
  csiNodes: (raw.csiNodes ?? []).map(STORAGE.csiNodes.read),
  csiDrivers: (raw.csiDrivers ?? []).map(STORAGE.csiDrivers.read),
  csiCapacities: (raw.csiCapacities ?? []).map(STORAGE.csiCapacities.read),
  attachments: (raw.attachments ?? []).map(STORAGE.attachments.read),
});

/** A cluster without volumes. */
export const noStorage = (): StorageInputs => storageOf({});

/** Fields of a claim that tests set. */
interface ClaimFields {
  /** Name of its StorageClass. */
  readonly of?: string;
  readonly size?: string;
  readonly modes?: readonly string[];
  /** The volume that it is bound to. */
  readonly boundTo?: string;
  readonly selectedNode?: string;
  /** UID of the Pod that it was made for. */
  readonly owner?: string;
  readonly phase?: string;
  readonly deleting?: boolean;
  readonly spec?: object;
}

/** A claim in the namespace default, of 1Gi, that waits for a volume. */
export function aClaim(name: string, fields: ClaimFields = {}): RawObject {
  const { of, size = '1Gi', modes = ['ReadWriteOnce'], boundTo, selectedNode, owner } = fields;
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-claim-${name}`,
      resourceVersion: '1',
      annotations: {
        ...(boundTo === undefined ? {} : { 'pv.kubernetes.io/bind-completed': 'yes' }),
        ...(selectedNode === undefined ? {} : { 'volume.kubernetes.io/selected-node': selectedNode }),
      },
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: owner, controller: true }] }),
      ...(fields.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      accessModes: modes,
      resources: { requests: { storage: size } },
      ...(of === undefined ? {} : { storageClassName: of }),
      ...(boundTo === undefined ? {} : { volumeName: boundTo }),
      ...fields.spec,
    },
    status: { phase: fields.phase ?? (boundTo === undefined ? 'Pending' : 'Bound') },
  };
}

/** Fields of a volume that tests set. */
interface VolumeFields {
  readonly of?: string;
  readonly size?: string;
  readonly modes?: readonly string[];
  /** Host names of the nodes that reach it; all do when left out. */
  readonly on?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly claim?: { readonly name: string; readonly uid?: string };
  readonly phase?: string;
  /** Its CSI driver; its handle there is its name. */
  readonly driver?: string;
  readonly spec?: object;
}

/** A volume of 1Gi that nobody has. */
export function aVolume(name: string, fields: VolumeFields = {}): RawObject {
  const { of, size = '1Gi', modes = ['ReadWriteOnce'], on, labels, claim, driver } = fields;
  const hosts = [{ key: 'kubernetes.io/hostname', operator: 'In', values: on ?? [] }];
  return {
    metadata: {
      name,
      uid: `uid-volume-${name}`,
      resourceVersion: '1',
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      accessModes: modes,
      capacity: { storage: size },
      ...(of === undefined ? {} : { storageClassName: of }),
      ...(on === undefined
        ? {}
        : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: hosts }] } } }),
      ...(claim === undefined ? {} : { claimRef: { namespace: 'default', ...claim } }),
      ...(driver === undefined ? {} : { csi: { driver, volumeHandle: name } }),
      ...fields.spec,
    },
    status: { phase: fields.phase ?? (claim === undefined ? 'Available' : 'Bound') },
  };
}

/** A StorageClass whose volumes wait for the first Pod that uses them. */
export const aStorageClass = (
  name: string,
  provisioner = 'kubernetes.io/no-provisioner',
  fields: object = {},
): RawObject =>
  ({ metadata: { name }, provisioner, volumeBindingMode: 'WaitForFirstConsumer', ...fields }) as RawObject;

/** A CSINode whose drivers take so many volumes. */
export const aCsiNode = (name: string, limits: Readonly<Record<string, number>>): RawObject => ({
  metadata: { name },
  spec: {
    drivers: Object.entries(limits).map(([driver, count]) => ({ name: driver, allocatable: { count } })),
  },
});
