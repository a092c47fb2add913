import { BIND_COMPLETED, SELECTED_NODE, STORAGE_CLASS } from '../../api/volume-annotations.ts';
import type { LabelSelector, ResourceMap } from '../objects.ts';
import { compileSelector, type Selector } from '../selector.ts';
import type { RawObject } from '../workload.ts';
import { bytesOf } from './bytes.ts';

/** What Proffer keeps of a PersistentVolumeClaim. */
export interface ClaimFacts {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Name of its StorageClass; empty when it has none. */
  readonly storageClass: string;
  /** Name of the PersistentVolume that it has, or asks for; empty when any will do. */
  readonly volume: string;
  /** The volume is its own for good. */
  readonly bound: boolean;
  /** It had a volume, which is gone. */
  readonly lost: boolean;
  readonly deleting: boolean;
  /** UID of the object that controls it: of the Pod, for a generic ephemeral volume. */
  readonly controller: string | undefined;
  /** Node that its volume is to be made for; undefined as long as nobody chose one. */
  readonly selectedNode: string | undefined;
  readonly accessModes: readonly string[];
  readonly volumeMode: string;
  readonly attributesClass: string;
  /** Bytes, rounded up. */
  readonly request: number;
  /** Labels that a volume must have; undefined when any will do. */
  readonly selector: Selector | undefined;
}

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly volumeName?: string;
  readonly volumeMode?: string;
  readonly volumeAttributesClassName?: string;
  readonly accessModes?: readonly string[];
  readonly resources?: { readonly requests?: ResourceMap };
  readonly selector?: LabelSelector;
}

/** Reads a PersistentVolumeClaim. @throws QuantityError when its request cannot be read */
export function claimFacts({ metadata, ...raw }: RawObject): ClaimFacts {
  const spec = (raw.spec ?? {}) as ClaimSpec;
  const { phase } = (raw.status ?? {}) as { readonly phase?: string };
  const { name, namespace = '', annotations = {}, ownerReferences = [] } = metadata;
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    storageClass: annotations[STORAGE_CLASS] ?? spec.storageClassName ?? '',
    volume: spec.volumeName ?? '',
    bound: Boolean(spec.volumeName) && BIND_COMPLETED in annotations,
    lost: phase === 'Lost',
    deleting: metadata.deletionTimestamp !== undefined,
    controller: ownerReferences.find((owner) => owner.controller)?.uid,
    selectedNode: annotations[SELECTED_NODE],
    accessModes: spec.accessModes ?? [],
    volumeMode: spec.volumeMode ?? 'Filesystem',
    attributesClass: spec.volumeAttributesClassName ?? '',
    request: bytesOf(spec.resources?.requests?.['storage'], 'up'),
    selector: compileSelector(spec.selector),
  };
}
