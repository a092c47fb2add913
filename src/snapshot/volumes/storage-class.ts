import type { NamedObject } from '../reading/objects.ts';
import { readerOf, texts } from '../reading/meta.ts';
import { list, object, text, type Faulty } from '../reading/schema.ts';
import type { Labels } from '../reading/selector.ts';

/** A provisioner that makes no volumes: those of the class are there, or come by hand. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** One of several sets of nodes that volumes of a class can be made for: labels that nodes must all have. */
export type TopologyTerm = readonly { readonly key: string; readonly values: readonly string[] }[];

/** What Proffer keeps of a StorageClass. */
export interface StorageClassFacts extends Faulty {
  /** Store key: its name. */
  readonly key: string;
  readonly provisioner: string;
  /** Its claims are bound when a Pod that uses them has a node, not before. */
  readonly waits: boolean;
  /** Where its volumes can be made; empty when everywhere. */
  readonly topologies: readonly TopologyTerm[];
}

interface RawClass extends NamedObject {
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
  readonly allowedTopologies?: readonly Topology[];
}

interface Topology {
  readonly matchLabelExpressions?: TopologyTerm;
}

const readClass = readerOf<RawClass>({
  provisioner: text,
  volumeBindingMode: text,
  allowedTopologies: list(
    object<Topology>({
      matchLabelExpressions: list(
        object<TopologyTerm[number]>({ key: text, values: texts }, ['key', 'values']),
      ),
    }),
  ),
});

/** Reads a StorageClass. */
export function storageClassFacts(raw: object): StorageClassFacts {
  const { object: its, faults } = readClass(raw);
  const { metadata, provisioner = '', volumeBindingMode, allowedTopologies = [] } = its;
  return {
    faults,
    key: metadata.name,
    provisioner,
    waits: volumeBindingMode === 'WaitForFirstConsumer',
    topologies: allowedTopologies.map(({ matchLabelExpressions = [] }) => matchLabelExpressions),
  };
}

/** Whether volumes of the class are made on demand. */
export const isDynamic = ({ provisioner }: StorageClassFacts): boolean =>
  provisioner !== '' && provisioner !== NO_PROVISIONER;

/** Whether a volume of the class can be made for a node with those labels. A term without labels allows nothing. */
export const canProvisionFor = ({ topologies }: StorageClassFacts, labels: Labels): boolean =>
  topologies.length === 0 ||
  topologies.some(
    (term) =>
      term.length > 0 &&
      term.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])),
  );
