import { claimFacts, type ClaimFacts } from './claim.ts';
import {
  attachmentFacts,
  csiCapacityFacts,
  csiDriverFacts,
  csiNodeFacts,
  type AttachmentFacts,
  type CsiCapacityFacts,
  type CsiDriverFacts,
  type CsiNodeFacts,
} from './csi.ts';
import { storageClassFacts, type StorageClassFacts } from './storage-class.ts';
import { volumeFacts, type VolumeFacts } from './volume.ts';

/** The kinds of objects that say where a Pod with volumes may live, and what is kept of each. */
export interface StorageFacts {
  readonly claims: ClaimFacts;
  readonly volumes: VolumeFacts;
  readonly classes: StorageClassFacts;
  readonly csiNodes: CsiNodeFacts;
  readonly csiDrivers: CsiDriverFacts;
  readonly csiCapacities: CsiCapacityFacts;
  readonly attachments: AttachmentFacts;
}

/** One of those kinds. */
export type StorageKind = keyof StorageFacts;

/** What the API server calls a kind, and how one is read. */
interface StorageNames<T> {
  /** API group; empty for the core. */
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  /** What people type for it. */
  readonly short: string;
  readonly read: (raw: object) => T;
}

const GROUP = 'storage.k8s.io';

/** All of those kinds; each is of version v1. */
export const STORAGE: { readonly [K in StorageKind]: StorageNames<StorageFacts[K]> } = {
  claims: {
    group: '',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    short: 'pvc',
    read: claimFacts,
  },
  volumes: {
    group: '',
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    short: 'pv',
    read: volumeFacts,
  },
  classes: {
    group: GROUP,
    kind: 'StorageClass',
    plural: 'storageclasses',
    short: 'sc',
    read: storageClassFacts,
  },
  csiNodes: {
    group: GROUP,
    kind: 'CSINode',
    plural: 'csinodes',
    short: 'csinodes',
    read: csiNodeFacts,
  },
  csiDrivers: {
    group: GROUP,
    kind: 'CSIDriver',
    plural: 'csidrivers',
    short: 'csidrivers',
    read: csiDriverFacts,
  },
  csiCapacities: {
    group: GROUP,
    kind: 'CSIStorageCapacity',
    plural: 'csistoragecapacities',
    short: 'csistoragecapacities',
    read: csiCapacityFacts,
  },
  attachments: {
    group: GROUP,
    kind: 'VolumeAttachment',
    plural: 'volumeattachments',
    short: 'volumeattachments',
    read: attachmentFacts,
  },
};

/** All objects of those kinds, as the stores hold them at one instant. */
export type StorageInputs = { readonly [K in StorageKind]: Iterable<StorageFacts[K]> } & {
  /** Kinds that nobody listed, so that none of them says nothing; left out when all were. */
  readonly unread?: ReadonlySet<StorageKind>;
};

/** All of them in a snapshot, by key. */
export type Storage = { readonly [K in StorageKind]: ReadonlyMap<string, StorageFacts[K]> } & {
  readonly unread: ReadonlySet<StorageKind>;
};

const byKey = <T extends { readonly key: string }>(items: Iterable<T>): ReadonlyMap<string, T> => {
  const out = new Map<string, T>();
  for (const item of items) out.set(item.key, item);
  return out;
};

/** Takes the objects into a snapshot. */
export const readStorage = (inputs: StorageInputs): Storage => ({
  claims: byKey(inputs.claims),
  volumes: byKey(inputs.volumes),
  classes: byKey(inputs.classes),
  csiNodes: byKey(inputs.csiNodes),
  csiDrivers: byKey(inputs.csiDrivers),
  csiCapacities: byKey(inputs.csiCapacities),
  attachments: byKey(inputs.attachments),
  unread: inputs.unread ?? new Set(),
});
