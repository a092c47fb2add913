import { record } from '../../lib/record.ts';
import type { LabelSelector, NamedObject } from '../reading/objects.ts';
import { labelSelector, readerOf } from '../reading/meta.ts';
import { flag, list, object, quantity, text, whole, type Faulty } from '../reading/schema.ts';
import { compileSelector, type Selector } from '../reading/selector.ts';
import { bytesOf } from './bytes.ts';

/** What Proffer keeps of a CSINode: the drivers that serve a node. */
export interface CsiNodeFacts extends Faulty {
  /** Store key: the node's name. */
  readonly key: string;
  readonly drivers: readonly string[];
  /** Most volumes of a driver that can be attached to the node; a driver without a limit is left out. */
  readonly limits: Readonly<Record<string, number>>;
}

interface Driver {
  readonly name: string;
  readonly allocatable?: { readonly count?: number };
}

interface CsiNode extends NamedObject {
  readonly spec?: { readonly drivers?: readonly Driver[] };
}

const readCsiNode = readerOf<CsiNode>({
  spec: object<NonNullable<CsiNode['spec']>>({
    drivers: list(
      object<Driver>(
        { name: text, allocatable: object<NonNullable<Driver['allocatable']>>({ count: whole }) },
        ['name'],
      ),
    ),
  }),
});

/** Reads a CSINode. */
export function csiNodeFacts(raw: object): CsiNodeFacts {
  const { object: its, faults } = readCsiNode(raw);
  const drivers = its.spec?.drivers ?? [];
  const limits = record<number>();
  for (const { name, allocatable } of drivers)
    if (allocatable?.count !== undefined) limits[name] = allocatable.count;
  return { key: its.metadata.name, drivers: drivers.map(({ name }) => name), limits, faults };
}

/** What Proffer keeps of a CSIDriver. */
export interface CsiDriverFacts extends Faulty {
  /** Store key: its name. */
  readonly key: string;
  /** It says how much room there is, and volumes are made only where there is enough. */
  readonly tellsCapacity: boolean;
  /** Pods with its volumes go only to nodes that it serves. */
  readonly mustServe: boolean;
}

interface CsiDriver extends NamedObject {
  readonly spec?: { readonly storageCapacity?: boolean; readonly preventPodSchedulingIfMissing?: boolean };
}

const readCsiDriver = readerOf<CsiDriver>({
  spec: object<NonNullable<CsiDriver['spec']>>({
    storageCapacity: flag,
    preventPodSchedulingIfMissing: flag,
  }),
});

/** Reads a CSIDriver. */
export function csiDriverFacts(raw: object): CsiDriverFacts {
  const { object: its, faults } = readCsiDriver(raw);
  return {
    key: its.metadata.name,
    tellsCapacity: its.spec?.storageCapacity ?? false,
    mustServe: its.spec?.preventPodSchedulingIfMissing ?? false,
    faults,
  };
}

/** What Proffer keeps of a CSIStorageCapacity: the room for new volumes of a class on some nodes. */
export interface CsiCapacityFacts extends Faulty {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly storageClass: string;
  /** Bytes of the largest volume that can be made, rounded down; 0 when it does not say. */
  readonly largest: number;
  /** The nodes; undefined when there are none. */
  readonly nodes: Selector | undefined;
}

interface Capacity extends NamedObject {
  readonly storageClassName?: string;
  readonly capacity?: string | number;
  readonly maximumVolumeSize?: string | number;
  readonly nodeTopology?: LabelSelector;
}

const readCapacity = readerOf<Capacity>({
  storageClassName: text,
  capacity: quantity,
  maximumVolumeSize: quantity,
  nodeTopology: labelSelector,
});

/** Reads a CSIStorageCapacity. */
export function csiCapacityFacts(raw: object): CsiCapacityFacts {
  const { object: its, faults } = readCapacity(raw);
  const { metadata, storageClassName = '', capacity, maximumVolumeSize, nodeTopology } = its;
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    storageClass: storageClassName,
    largest: bytesOf(maximumVolumeSize ?? capacity, 'down'),
    nodes: compileSelector(nodeTopology),
    faults,
  };
}

/** What Proffer keeps of a VolumeAttachment: a volume that a node has, whether a Pod uses it or not. */
export interface AttachmentFacts extends Faulty {
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

const readAttachment = readerOf<NamedObject & { readonly spec?: AttachmentSpec }>({
  spec: object<AttachmentSpec>({
    attacher: text,
    nodeName: text,
    source: object<NonNullable<AttachmentSpec['source']>>({ persistentVolumeName: text }),
  }),
});

/** Reads a VolumeAttachment. */
export function attachmentFacts(raw: object): AttachmentFacts {
  const { object: its, faults } = readAttachment(raw);
  const { attacher = '', nodeName = '', source } = its.spec ?? {};
  return {
    faults,
    key: its.metadata.name,
    node: nodeName,
    driver: attacher,
    volume: source?.persistentVolumeName ?? '',
  };
}
