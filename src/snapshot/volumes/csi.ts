import type { LabelSelector } from '../objects.ts';
import { compileSelector, type Selector } from '../selector.ts';
import type { RawObject } from '../workload.ts';
import { bytesOf } from './bytes.ts';

/** What Proffer keeps of a CSINode: the drivers that serve a node. */
export interface CsiNodeFacts {
  /** Store key: the node's name. */
  readonly key: string;
  readonly drivers: readonly string[];
  /** Most volumes of a driver that can be attached to the node; a driver without a limit is left out. */
  readonly limits: Readonly<Record<string, number>>;
}

interface CsiNodeSpec {
  readonly drivers?:
    readonly { readonly name: string; readonly allocatable?: { readonly count?: number } }[] | null;
}

/** Reads a CSINode. */
export function csiNodeFacts({ metadata, spec }: RawObject): CsiNodeFacts {
  // A node without any has null there, which the API server does not leave out.
  const drivers = ((spec ?? {}) as CsiNodeSpec).drivers ?? [];
  const limits: Record<string, number> = {};
  for (const { name, allocatable } of drivers)
    if (allocatable?.count !== undefined) limits[name] = allocatable.count;
  return { key: metadata.name, drivers: drivers.map(({ name }) => name), limits };
}

/** What Proffer keeps of a CSIDriver. */
export interface CsiDriverFacts {
  /** Store key: its name. */
  readonly key: string;
  /** It says how much room there is, and volumes are made only where there is enough. */
  readonly tellsCapacity: boolean;
  /** Pods with its volumes go only to nodes that it serves. */
  readonly mustServe: boolean;
}

/** Reads a CSIDriver. */
export function csiDriverFacts({ metadata, spec }: RawObject): CsiDriverFacts {
  const { storageCapacity, preventPodSchedulingIfMissing } = (spec ?? {}) as {
    readonly storageCapacity?: boolean;
    readonly preventPodSchedulingIfMissing?: boolean;
  };
  return {
    key: metadata.name,
    tellsCapacity: storageCapacity ?? false,
    mustServe: preventPodSchedulingIfMissing ?? false,
  };
}

/** What Proffer keeps of a CSIStorageCapacity: the room for new volumes of a class on some nodes. */
export interface CsiCapacityFacts {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly storageClass: string;
  /** Bytes of the largest volume that can be made, rounded down; 0 when it does not say. */
  readonly largest: number;
  /** The nodes; undefined when there are none. */
  readonly nodes: Selector | undefined;
}

interface RawCapacity extends RawObject {
  readonly storageClassName?: string;
  readonly capacity?: string | number;
  readonly maximumVolumeSize?: string | number;
  readonly nodeTopology?: LabelSelector;
}

/** Reads a CSIStorageCapacity. @throws QuantityError when an amount cannot be read */
export function csiCapacityFacts(raw: RawObject): CsiCapacityFacts {
  const { metadata, storageClassName = '', capacity, maximumVolumeSize, nodeTopology } = raw as RawCapacity;
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    storageClass: storageClassName,
    largest: bytesOf(maximumVolumeSize ?? capacity, 'down'),
    nodes: compileSelector(nodeTopology),
  };
}

/** What Proffer keeps of a VolumeAttachment: a volume that a node has, whether a Pod uses it or not. */
export interface AttachmentFacts {
  /** Store key: its name. */
  readonly key: string;
  readonly node: string;
  readonly driver: string;
  /** Name of the PersistentVolume; empty when it has none. */
  readonly volume: string;
}

interface AttachmentSpec {
  readonly attacher?: string;
  readonly nodeName?: string;
  readonly source?: { readonly persistentVolumeName?: string };
}

/** Reads a VolumeAttachment. */
export function attachmentFacts({ metadata, spec }: RawObject): AttachmentFacts {
  const { attacher = '', nodeName = '', source } = (spec ?? {}) as AttachmentSpec;
  return {
    key: metadata.name,
    node: nodeName,
    driver: attacher,
    volume: source?.persistentVolumeName ?? '',
  };
}
