import { ANNOTATION, LABEL } from '../api/group.ts';
import type { GameServerPoolSpec, GameServerPoolStatus } from '../api/gameserverpool.ts';
import type { PoolPort } from '../api/pool/port.ts';
import type { OfferRoleSpec, OfferRoleStatus } from '../api/offerrole.ts';
import { offerRoleSpec, offerRoleStatus } from '../api/offerrole.ts';
import type { ServerQuery } from '../api/pool/query.ts';
import { specOf, statusOf, type SpecSchema, type StatusSchema } from '../api/read-object.ts';
import type { PodTemplate } from '../api/template.ts';
import { canonicalJson, fnv1a } from '../lib/hash.ts';
import type { Rounding } from '../lib/quantity.ts';
import type { KindNames } from '../api/kinds.ts';
import { record } from '../lib/record.ts';
import { nodeConstraints, type NodeConstraints } from './constraints.ts';
import type { Meta, PodSpec } from './reading/objects.ts';
import { podRules, type PodRules } from './pod-rules.ts';
import { offeredPorts, staticPorts } from './given-ports.ts';
import { hostPortsOf, type HostPort } from './ports.ts';
import { ownMeta } from './reading/meta.ts';
import { resourceMap, templateSpec } from './reading/pod-spec.ts';
import { read, type Faulty } from './reading/schema.ts';
import { podRequests } from './requests.ts';
import { amountsOf, type Amounts } from './resources.ts';
import type { Labels } from './reading/selector.ts';
import { unsupportedFields } from './supported.ts';
import { claimsOf, type ClaimUse } from './volumes/claim-use.ts';
import { ownVolumesOf, type OwnVolume } from './volumes/own-volumes.ts';

/** A template as placement sees it, compiled once when the object arrives. */
export interface TaskShape {
  /** What its Pods are made from, as it was sent but for nulls; undefined for Pods that exist already. */
  readonly template: PodTemplate | undefined;
  /** The PodSpec of the template as far as it can be read; undefined for Pods that exist already. */
  readonly spec: PodSpec | undefined;
  readonly demand: Amounts;
  readonly constraints: NodeConstraints;
  /** Namespace of its tasks. */
  readonly namespace: string;
  /** Labels of its tasks, but for the number of the slot, which differs. */
  readonly labels: Labels;
  /** What it asks about other Pods. */
  readonly rules: PodRules;
  /** Claims of its volumes that all its tasks use; those of ephemeral ones of Pods that exist. */
  readonly claims: readonly ClaimUse[];
  /** Volumes that each of its tasks has for itself; none of Pods that exist. */
  readonly ownVolumes: readonly OwnVolume[];
  /** Its ports that have a name in the spec, those without a host port too. */
  readonly ports: readonly PoolPort[];
  /** Host ports that are the same on every node. */
  readonly fixedPorts: readonly HostPort[];
  /** Those of its ports whose number comes out of the offer. */
  readonly dynamicPorts: readonly PoolPort[];
  /** How each task is asked whether it answers, as JSON for its Pod; undefined when it is not. */
  readonly query?: string;
  readonly revision: string;
  /** Equal for templates between which a task can be changed in place; undefined for tasks that never are. */
  readonly fixedPart?: string;
  /** Paths of template fields that cannot be honoured; when there are any, nothing is placed. */
  readonly unsupported: readonly string[];
}

/** One object of ours in the cluster, read and compiled. */
export interface ObjectFacts<Spec, Status> extends Faulty {
  readonly key: string;
  readonly metadata: Meta;
  readonly spec: Spec;
  readonly status: Status;
  /** Why the spec cannot be read, with the field; then nothing of it counts. Empty when it can. */
  readonly faults: readonly string[];
}

/** Tasks of a workload that are alike. */
export interface TaskGroup {
  /** Empty for the only group of a pool. */
  readonly name: string;
  readonly shape: TaskShape;
}

/** What every spec of a workload has. */
export type WorkloadSpec = Pick<GameServerPoolSpec, 'role' | 'priority'>;

/** What the status of any workload may have. */
export type WorkloadStatus = Pick<GameServerPoolStatus, 'conditions' | 'message' | 'recovered'> & {
  readonly phase?: string | undefined;
};

/** A workload of ours. */
export interface Workload<
  Spec extends WorkloadSpec = WorkloadSpec,
  Status extends WorkloadStatus = WorkloadStatus,
> extends ObjectFacts<Spec, Status> {
  /** How the API names its kind. */
  readonly names: KindNames;
  /** What its status counts for good, as text; left out where it counts nothing so. */
  readonly counted?: string;
  /** One alone for a pool; those of a job in the order of its spec. */
  readonly groups: readonly TaskGroup[];
}

export interface RoleFacts extends ObjectFacts<OfferRoleSpec, OfferRoleStatus> {
  readonly quota: QuotaFacts;
}

/** What a role is due, in column units. */
export interface QuotaFacts {
  readonly guarantee: Amounts;
  /** A resource that is not named is unlimited. */
  readonly limit: Amounts;
  readonly reservations: readonly {
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly amounts: Amounts;
  }[];
}

/** An object as the API server sends it. */
export interface RawObject {
  readonly metadata: Meta;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The longest template that is read, characters of its JSON: data belongs into ConfigMaps, not into every Pod. */
export const LONGEST_TEMPLATE = 65_536;

/** Stands for a template that is too long, so that it takes no memory. */
export const NO_TEMPLATE: PodTemplate = { spec: { containers: [{ name: 'unread' }] } };

/** What a spec says of volumes of slots. */
interface SlotVolumes extends Pick<GameServerPoolSpec, 'volumeClaimTemplates'> {
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted: 'Retain' | 'Delete' } | undefined;
}

/**
 * Compiles a template.
 * @param sent the template as its object has it, nulls left out
 * @param own labels that say which workload a task belongs to
 * @param query how tasks are asked whether they answer
 * @param slots volumes that each slot has for its tasks
 */
export function shapeOf(
  sent: PodTemplate,
  ports: readonly PoolPort[],
  namespace: string,
  own: Labels,
  query?: ServerQuery,
  slots: SlotVolumes = {},
): TaskShape {
  const text = canonicalJson({ template: sent, dynamicPorts: ports, query });
  const isTooLong = text.length > LONGEST_TEMPLATE;
  const template = isTooLong ? NO_TEMPLATE : sent;
  const { value: spec = NO_SPEC, faults } = read(templateSpec, template.spec, ['template', 'spec']);
  const revision = fnv1a(text);
  const labels = record<string>(template.metadata?.labels, own, { [LABEL.revision]: revision });
  const oursIn = (field: 'labels' | 'annotations', keys: readonly string[]): string[] =>
    keys
      .filter((key) => template.metadata?.[field]?.[key] !== undefined)
      .map((key) => `template.metadata.${field}[${key}]`);
  const tooLong = `template: has ${text.length} characters, ${LONGEST_TEMPLATE} are the most: move data into a ConfigMap`;
  return {
    template,
    spec,
    demand: podRequests(spec),
    constraints: nodeConstraints(spec),
    namespace,
    labels,
    rules: podRules(spec, namespace, labels),
    claims: claimsOf(spec),
    ownVolumes: ownVolumesOf(
      template,
      slots.volumeClaimTemplates,
      slots.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete',
    ),
    ports,
    fixedPorts: [...hostPortsOf(spec), ...staticPorts(ports)],
    dynamicPorts: offeredPorts(ports),
    ...(query ? { query: canonicalJson(query) } : {}),
    revision,
    unsupported: [
      ...(isTooLong ? [tooLong] : []),
      ...faults,
      ...unsupportedFields(spec, template.spec).filter((path) => !IS_OWN_VOLUME.test(path)),
      // They would be taken for what Proffer keeps on its Pods: failures that never were, a time to be gone.
      ...oursIn('labels', Object.values(LABEL)),
      ...oursIn('annotations', Object.values(ANNOTATION)),
    ],
  };
}

const NO_SPEC: PodSpec = { containers: [] };

/** Its claim is made before its task, which names it. */
const IS_OWN_VOLUME = /^template\.spec\.volumes\[\d+\]\.ephemeral$/;

/** Reads what every object of ours has. @param fallback stands for a spec that cannot be read */
export function commonFacts<Spec, Status extends object>(
  raw: RawObject,
  spec: SpecSchema<Spec>,
  status: StatusSchema,
  fallback: object,
): ObjectFacts<Spec, Status> {
  const metadata = read(ownMeta, raw.metadata).value ?? { name: '' };
  return {
    key: metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name,
    metadata,
    ...specOf(spec, raw.spec, fallback),
    status: statusOf(status, raw.status) as Status,
  };
}

/** The template of a shape, for the spec to hold: one that is too long must not stay there either. */
export const keptTemplate = ({ template = NO_TEMPLATE }: TaskShape): PodTemplate => template;

/** Reads an OfferRole. What is promised is rounded up, but never over what is allowed, which is rounded down. */
export function roleFacts(raw: RawObject): RoleFacts {
  const facts = commonFacts<OfferRoleSpec, OfferRoleStatus>(
    { ...raw, spec: raw.spec ?? {} },
    offerRoleSpec,
    offerRoleStatus,
    {},
  );
  const faults = [...facts.faults];
  const amounts = (field: string, map: unknown, rounding: Rounding): Record<string, number> => {
    if (map === undefined) return record();
    const { value, faults: found } = read(resourceMap, map, ['spec', field]);
    faults.push(...found);
    // Quota is for many nodes together: it may be more than one node can have.
    return amountsOf(value, rounding, Infinity);
  };
  const { spec } = facts;
  const limit = amounts('limit', spec.limit, 'down');
  const guarantee = amounts('guarantee', spec.guarantee, 'up');
  for (const name in guarantee) guarantee[name] = Math.min(guarantee[name]!, limit[name] ?? Infinity);
  const reservations = (spec.reservations ?? []).map(({ nodeSelector, resources }) => ({
    nodeSelector: record(nodeSelector),
    amounts: amounts('reservations', resources, 'up'),
  }));
  return {
    ...facts,
    quota: { guarantee, limit, reservations },
    faults,
  };
}

/** The role that a workload draws on. */
export const roleOf = ({ metadata, spec }: Workload): string => spec.role ?? metadata.namespace ?? '';
