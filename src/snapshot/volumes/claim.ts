import { ANNOTATION, LABEL } from '../../api/group.ts';
import { BIND_COMPLETED, SELECTED_NODE, STORAGE_CLASS } from '../../api/volume-annotations.ts';
import { record } from '../../lib/record.ts';
import type { LabelSelector, NamedObject, Resources } from '../reading/objects.ts';
import { labelSelector, readerOf, texts } from '../reading/meta.ts';
import { resources } from '../reading/pod-spec.ts';
import { object, text, type Faulty } from '../reading/schema.ts';
import { compileSelector, type Labels, type Selector } from '../reading/selector.ts';
import { bytesOf } from './bytes.ts';

/** Says for whom a claim was made that a task of ours has for itself. */
export interface OwnMarks {
  readonly labels: Labels;
  /** Name of the Pod that it goes with; undefined for one that stays with its slot. */
  readonly pod: string | undefined;
  /** As it stands in the label. */
  readonly slot: string | undefined;
}

/** What Proffer keeps of a PersistentVolumeClaim. */
export interface ClaimFacts extends Faulty {
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
  /** What we wrote on it; undefined for claims of others. */
  readonly own: OwnMarks | undefined;
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
  readonly resources?: Resources;
  readonly selector?: LabelSelector;
}

interface Claim extends NamedObject {
  readonly spec?: ClaimSpec;
  readonly status?: { readonly phase?: string };
}

function marksOf({ metadata: { labels = record(), annotations = record() } }: Claim): OwnMarks | undefined {
  const pod = annotations[ANNOTATION.madeFor];
  const slot = labels[LABEL.slot];
  return pod === undefined && slot === undefined ? undefined : { labels, pod, slot };
}

const readClaim = readerOf<Claim>({
  spec: object<ClaimSpec>({
    storageClassName: text,
    volumeName: text,
    volumeMode: text,
    volumeAttributesClassName: text,
    accessModes: texts,
    resources,
    selector: labelSelector,
  }),
  status: object<NonNullable<Claim['status']>>({ phase: text }),
});

/** Reads a PersistentVolumeClaim. */
export function claimFacts(raw: object): ClaimFacts {
  const { object: its, faults } = readClaim(raw);
  const { metadata, spec = {}, status } = its;
  const { name, namespace = '', annotations = record<string>(), ownerReferences = [] } = metadata;
  return {
    faults,
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    storageClass: annotations[STORAGE_CLASS] ?? spec.storageClassName ?? '',
    volume: spec.volumeName ?? '',
    bound: Boolean(spec.volumeName) && BIND_COMPLETED in annotations,
    lost: status?.phase === 'Lost',
    deleting: metadata.deletionTimestamp !== undefined,
    own: marksOf(its),
    controller: ownerReferences.find((owner) => owner.controller)?.uid,
    selectedNode: annotations[SELECTED_NODE],
    accessModes: spec.accessModes ?? [],
    volumeMode: spec.volumeMode ?? 'Filesystem',
    attributesClass: spec.volumeAttributesClassName ?? '',
    request: bytesOf(spec.resources?.requests?.['storage'], 'up'),
    selector: compileSelector(spec.selector),
  };
}
