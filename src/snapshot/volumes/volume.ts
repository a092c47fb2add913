import { STORAGE_CLASS } from '../../api/volume-annotations.ts';
import { record } from '../../lib/record.ts';
import type { NamedObject, NodeSelectorTerm, ResourceMap } from '../reading/objects.ts';
import { readerOf, texts } from '../reading/meta.ts';
import { nodeSelectorTerm, resourceMap } from '../reading/pod-spec.ts';
import { list, object, present, text, type Faulty, type Fields, type Schema } from '../reading/schema.ts';
import { requirementMatches, type Labels } from '../reading/selector.ts';
import { bytesOf } from './bytes.ts';
import type { ClaimFacts } from './claim.ts';
import { migratedSource, MIGRATED_SOURCES } from './in-tree.ts';

/** What a volume's label demands of nodes that say where they are. */
export interface VolumeZone {
  readonly key: string;
  readonly values: readonly string[];
}

/** What Proffer keeps of a PersistentVolume. */
export interface VolumeFacts extends Faulty {
  /** Store key: its name. */
  readonly key: string;
  readonly resourceVersion: string;
  readonly storageClass: string;
  /** Bytes, rounded down. */
  readonly capacity: number;
  readonly accessModes: readonly string[];
  readonly volumeMode: string;
  readonly attributesClass: string;
  readonly labels: Labels;
  /** Zones and regions that it is in, by its labels. */
  readonly zones: readonly VolumeZone[];
  /** Nodes that can reach it, any of the terms; undefined when all can. */
  readonly affinity: readonly NodeSelectorTerm[] | undefined;
  /** The claim that it is kept for or bound to. Without a UID it is whichever has that name. */
  readonly claim: { readonly namespace: string; readonly name: string; readonly uid: string } | undefined;
  /** Nobody has it. */
  readonly available: boolean;
  readonly deleting: boolean;
  /** The CSI driver that attaches it, and its name there; undefined for other kinds. */
  readonly csi: { readonly driver: string; readonly handle: string } | undefined;
  /** The field of its source, when that is one of a cloud's disks that CSI drivers have taken over. */
  readonly inTree: string | undefined;
}

interface VolumeSpec {
  readonly storageClassName?: string;
  readonly capacity?: ResourceMap;
  readonly accessModes?: readonly string[];
  readonly volumeMode?: string;
  readonly volumeAttributesClassName?: string;
  readonly nodeAffinity?: {
    readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] };
  };
  readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string };
  readonly csi?: { readonly driver: string; readonly volumeHandle: string };
}

interface RawVolume extends NamedObject {
  readonly spec?: VolumeSpec;
  readonly status?: { readonly phase?: string };
}

type Inner<K extends keyof VolumeSpec> = NonNullable<VolumeSpec[K]>;

const fields: Fields<VolumeSpec> = {
  storageClassName: text,
  capacity: resourceMap,
  accessModes: texts,
  volumeMode: text,
  volumeAttributesClassName: text,
  nodeAffinity: object<Inner<'nodeAffinity'>>({
    required: object<NonNullable<Inner<'nodeAffinity'>['required']>>({
      nodeSelectorTerms: list(nodeSelectorTerm),
    }),
  }),
  claimRef: object<Inner<'claimRef'>>({ namespace: text, name: text, uid: text }),
  csi: object<Inner<'csi'>>({ driver: text, volumeHandle: text }, ['driver', 'volumeHandle']),
};
const inTree: Readonly<Record<string, Schema<true>>> = Object.fromEntries(
  MIGRATED_SOURCES.map((source) => [source, present]),
);

const readVolume = readerOf<RawVolume>({
  spec: object<VolumeSpec>({ ...inTree, ...fields }),
  status: object<NonNullable<RawVolume['status']>>({ phase: text }),
});

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const OLD_REGION = 'failure-domain.beta.kubernetes.io/region';

/** Labels that say where a volume or a node is, in the order in which kube-scheduler looks at them. */
const ZONE_KEYS = [OLD_ZONE, OLD_REGION, ZONE, REGION];
const NEW_KEYS: Readonly<Record<string, string>> = { [OLD_ZONE]: ZONE, [OLD_REGION]: REGION };

/** Between the zones of a volume that is in several. */
const ZONE_DELIMITER = '__';

/** A label of several zones; one that cannot be read demands nothing. */
function zoneOf(key: string, label: string): VolumeZone[] {
  const values = label.split(ZONE_DELIMITER).map((value) => value.trim());
  return values.includes('') ? [] : [{ key, values }];
}

/** Reads a PersistentVolume. One of which something cannot be read is reached by no node. */
export function volumeFacts(raw: object): VolumeFacts {
  const { object: its, faults } = readVolume(raw);
  const { metadata, spec = {}, status } = its;
  const { labels = record<string>(), annotations = record<string>() } = metadata;
  const { claimRef, csi, nodeAffinity } = spec;
  const required = nodeAffinity?.required && (nodeAffinity.required.nodeSelectorTerms ?? []);
  return {
    faults,
    key: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    storageClass: annotations[STORAGE_CLASS] ?? spec.storageClassName ?? '',
    capacity: bytesOf(spec.capacity?.['storage'], 'down'),
    accessModes: spec.accessModes ?? [],
    volumeMode: spec.volumeMode ?? 'Filesystem',
    attributesClass: spec.volumeAttributesClassName ?? '',
    labels,
    zones: ZONE_KEYS.flatMap((key) => (labels[key] === undefined ? [] : zoneOf(key, labels[key]))),
    affinity: faults.length > 0 ? [] : required,
    claim: claimRef && {
      namespace: claimRef.namespace ?? '',
      name: claimRef.name ?? '',
      uid: claimRef.uid ?? '',
    },
    available: status?.phase === 'Available',
    deleting: metadata.deletionTimestamp !== undefined,
    csi: csi && { driver: csi.driver, handle: csi.volumeHandle },
    inTree: migratedSource(spec),
  };
}

/**
 * Whether a term of a volume's node affinity matches the labels of a node. Volumes go by labels alone: what a term says
 * of a node's name is not looked at, and a term that says nothing matches nothing.
 */
const termReaches = (
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  labels: Labels,
): boolean =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every((each) => requirementMatches(each, labels[each.key]));

/** Whether a node with those labels can reach a volume, by the volume's node affinity. */
export const isReached = ({ affinity }: Pick<VolumeFacts, 'affinity'>, labels: Labels): boolean =>
  affinity === undefined || affinity.some((term) => termReaches(term, labels));

/** Whether a node with those labels is where a volume is, by the volume's labels. A node that does not say where it is will do. */
export const isInZone = ({ zones }: Pick<VolumeFacts, 'zones'>, labels: Labels): boolean =>
  zones.length === 0 ||
  ZONE_KEYS.every((key) => labels[key] === undefined) ||
  zones.every(({ key, values }) => {
    const zone = labels[key] ?? labels[NEW_KEYS[key] ?? key];
    return zone !== undefined && values.includes(zone);
  });

/** Whether a volume is kept for a claim, or bound to it. */
export const isKeptFor = (
  { claim: kept }: Pick<VolumeFacts, 'claim'>,
  { namespace, name, uid }: ClaimFacts,
): boolean =>
  kept !== undefined &&
  kept.namespace === namespace &&
  kept.name === name &&
  (kept.uid === '' || kept.uid === uid);

/** Whether a volume has all that a claim asks for, wherever it is and whoever has it. */
export const suits = (volume: VolumeFacts, claim: ClaimFacts): boolean =>
  volume.storageClass === claim.storageClass &&
  volume.capacity >= claim.request &&
  volume.volumeMode === claim.volumeMode &&
  volume.attributesClass === claim.attributesClass &&
  !volume.deleting;
