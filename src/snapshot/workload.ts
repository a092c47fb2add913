import { LABEL } from '../api/group.ts';
import type { GameServerPoolSpec, GameServerPoolStatus, PoolPort } from '../api/gameserverpool.ts';
import { gameServerPoolSpec } from '../api/gameserverpool.ts';
import type { OfferRoleSpec, OfferRoleStatus } from '../api/offerrole.ts';
import { offerRoleSpec } from '../api/offerrole.ts';
import type { PodTemplate } from '../api/template.ts';
import type { TrainingJobSpec, TrainingJobStatus } from '../api/trainingjob.ts';
import { trainingJobSpec } from '../api/trainingjob.ts';
import { messageOf } from '../lib/errors.ts';
import { canonicalJson, fnv1a } from '../lib/hash.ts';
import { nodeConstraints, type NodeConstraints } from './constraints.ts';
import type { Meta, PodSpec } from './objects.ts';
import { NO_POD_RULES, podRules, type PodRules } from './pod-rules.ts';
import { hostPortsOf, type HostPort } from './ports.ts';
import { podRequests } from './requests.ts';
import { amountsOf, type Amounts } from './resources.ts';
import type { Labels } from './selector.ts';
import { unsupportedFields } from './supported.ts';
import { claimsOf, type ClaimUse } from './volumes/claim-use.ts';

/** A template as placement sees it, compiled once when the object arrives. */
export interface TaskShape {
  /** What its Pods are made from; undefined for Pods that exist already. */
  readonly template: PodTemplate | undefined;
  readonly demand: Amounts;
  readonly constraints: NodeConstraints;
  /** Namespace of its tasks. */
  readonly namespace: string;
  /** Labels of its tasks, but for the number of the slot, which differs. */
  readonly labels: Labels;
  /** What it asks about other Pods. */
  readonly rules: PodRules;
  /** Claims of its volumes; those of ephemeral ones of Pods that exist. */
  readonly claims: readonly ClaimUse[];
  /** Host ports that the template itself fixes. */
  readonly fixedPorts: readonly HostPort[];
  /** Ports that each task gets out of the node's range. */
  readonly dynamicPorts: readonly PoolPort[];
  readonly revision: string;
  /** Paths of template fields that cannot be honoured; when there are any, nothing is placed. */
  readonly unsupported: readonly string[];
}

/** One object of ours in the cluster, read and compiled. */
export interface WorkloadFacts<Spec, Status> {
  readonly key: string;
  readonly metadata: Meta;
  readonly spec: Spec;
  readonly status: Status;
}

export interface PoolFacts extends WorkloadFacts<GameServerPoolSpec, GameServerPoolStatus> {
  readonly shape: TaskShape;
}

export interface JobFacts extends WorkloadFacts<TrainingJobSpec, TrainingJobStatus> {
  /** One shape per group, in the order of the spec. */
  readonly shapes: readonly TaskShape[];
}

export interface RoleFacts extends WorkloadFacts<OfferRoleSpec, OfferRoleStatus> {
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

/** @param own labels that say which workload a task belongs to */
function shapeOf(
  template: PodTemplate,
  dynamicPorts: readonly PoolPort[],
  namespace: string,
  own: Labels,
): TaskShape {
  const spec = template.spec as unknown as PodSpec;
  const unsupported: string[] = [];
  for (const label of Object.values(LABEL)) {
    if (template.metadata?.labels?.[label] !== undefined)
      unsupported.push(`template.metadata.labels[${label}]`);
  }
  const revision = fnv1a(canonicalJson({ template, dynamicPorts }));
  const labels = { ...template.metadata?.labels, ...own, [LABEL.revision]: revision };
  let demand: Amounts = {};
  let rules = NO_POD_RULES;
  try {
    unsupported.unshift(...unsupportedFields(spec));
    rules = podRules(spec, namespace, labels);
    demand = podRequests(spec);
  } catch (error) {
    unsupported.push(`template.spec: ${messageOf(error)}`);
  }
  return {
    template,
    demand,
    constraints: nodeConstraints(spec),
    namespace,
    labels,
    rules,
    claims: claimsOf(spec),
    fixedPorts: hostPortsOf(spec),
    dynamicPorts,
    revision,
    unsupported,
  };
}

const keyOf = ({ namespace, name }: Meta): string => (namespace ? `${namespace}/${name}` : name);

/** Reads a GameServerPool. @throws ZodError when the object does not match the schema of this version. */
export function poolFacts(raw: RawObject): PoolFacts {
  const spec = gameServerPoolSpec.parse(raw.spec);
  const { name, namespace = '' } = raw.metadata;
  return {
    key: keyOf(raw.metadata),
    metadata: raw.metadata,
    spec,
    status: (raw.status ?? {}) as GameServerPoolStatus,
    shape: shapeOf(spec.template, spec.ports, namespace, { [LABEL.pool]: name }),
  };
}

/** Reads a TrainingJob. @throws ZodError when the object does not match the schema of this version. */
export function jobFacts(raw: RawObject): JobFacts {
  const spec = trainingJobSpec.parse(raw.spec);
  const { name, namespace = '' } = raw.metadata;
  return {
    key: keyOf(raw.metadata),
    metadata: raw.metadata,
    spec,
    status: (raw.status ?? {}) as TrainingJobStatus,
    shapes: spec.groups.map((group) =>
      shapeOf(group.template, [], namespace, { [LABEL.job]: name, [LABEL.group]: group.name }),
    ),
  };
}

/**
 * Reads an OfferRole. What is promised is rounded up, but never over what is allowed, which is rounded down.
 * @throws ZodError when the object does not match the schema of this version; QuantityError for an unreadable amount
 */
export function roleFacts(raw: RawObject): RoleFacts {
  const spec = offerRoleSpec.parse(raw.spec ?? {});
  const limit = amountsOf(spec.limit, 'down');
  const guarantee = amountsOf(spec.guarantee, 'up');
  for (const name in guarantee) guarantee[name] = Math.min(guarantee[name]!, limit[name] ?? Infinity);
  return {
    key: keyOf(raw.metadata),
    metadata: raw.metadata,
    spec,
    status: (raw.status ?? {}) as OfferRoleStatus,
    quota: {
      guarantee,
      limit,
      reservations: (spec.reservations ?? []).map(({ nodeSelector, resources }) => ({
        nodeSelector,
        amounts: amountsOf(resources, 'up'),
      })),
    },
  };
}

/** The role that a workload draws on. */
export const roleOf = (workload: { metadata: Meta; spec: { role?: string | undefined } }): string =>
  workload.spec.role ?? workload.metadata.namespace ?? '';
