import { canonicalJson } from '../lib/hash.ts';
import { record } from '../lib/record.ts';
import { GROUP, LABEL } from '../api/group.ts';
import { nodeConstraints, type NodeConstraints } from './constraints.ts';
import { differenceOf, isOfNode } from './difference.ts';
import type { Pod, Toleration } from './reading/objects.ts';
import { podRules, standingRules, type PodRules } from './pod-rules.ts';
import { hostPortsOf, portsClash, type HostPort } from './ports.ts';
import { readPod, type PodReading } from './reading/pod.ts';
import { podRequests } from './requests.ts';
import type { Amounts } from './resources.ts';
import type { Labels } from './reading/selector.ts';
import { unsupportedFields } from './supported.ts';
import type { PodFacts } from './task.ts';
import { claimsOf, type ClaimUse } from './volumes/claim-use.ts';
import type { TaskShape } from './workload.ts';

/** What a Pod asks for, as far as placement goes by it. */
interface Wants {
  readonly demand: Amounts;
  readonly constraints: NodeConstraints;
  readonly rules: PodRules;
}

/** What the API server makes of the Pods of a class: LimitRanges, webhooks, policies and RuntimeClasses change a Pod at its creation. */
export interface Admission extends Wants {
  /** Without the number of the slot, and without those that the API server copies from the node. */
  readonly labels: Labels;
  /** Host ports that were added. */
  readonly addedPorts: readonly HostPort[];
  /** Claims that were added: what each task has for itself is sent with it. */
  readonly addedClaims: readonly ClaimUse[];
  /** What was added or changed and cannot be honoured. */
  readonly unsupported: readonly string[];
  /** What differs from what was sent, in words; empty when nothing does. */
  readonly changes: readonly string[];
  /** Equal for Pods that ask for the same. Labels have no part in it: some admission gives each Pod labels of its own. */
  readonly fingerprint: string;
  /** What was made of the Pod beside what was sent: equal for Pods of the class of which the same is to be said. */
  readonly difference: string;
}

/** The API server gives these to each Pod that has none of its own. */
const isDefaultToleration = ({ key, operator, effect }: Toleration): boolean =>
  (key === 'node.kubernetes.io/not-ready' || key === 'node.kubernetes.io/unreachable') &&
  operator === 'Exists' &&
  effect === 'NoExecute';

function constraintsOf(sent: Pod, stored: Pod): NodeConstraints {
  const constraints = nodeConstraints(stored.spec);
  if (sent.spec.tolerations?.some(isDefaultToleration)) return constraints;
  return {
    ...constraints,
    tolerations: constraints.tolerations.filter((toleration) => !isDefaultToleration(toleration)),
  };
}

function labelsOf({ metadata }: Pod): Labels {
  const labels = record(metadata.labels);
  for (const label in labels) if (label === LABEL.slot || isOfNode(label)) delete labels[label];
  return labels;
}

function wantsOf(sent: Pod, stored: Pod): Wants {
  const { metadata, spec } = stored;
  return {
    demand: podRequests(spec),
    constraints: constraintsOf(sent, stored),
    rules: podRules(spec, metadata.namespace ?? '', labelsOf(stored)),
  };
}

/** Text that is equal for constraints that say the same: the order of tolerations says nothing, nor does one that comes twice. */
const constraintsText = ({ tolerations, ...others }: NodeConstraints): string =>
  canonicalJson({ ...others, tolerations: [...new Set(tolerations.map(canonicalJson))].sort() });

/** What Proffer keeps on its Pods must stay as it was sent, or it does not know them again. */
function lostMarks(sent: Pod, stored: Pod): string[] {
  const out: string[] = [];
  for (const field of ['labels', 'annotations'] as const) {
    const kept = new Map(Object.entries(stored.metadata[field] ?? {}));
    for (const [key, value] of Object.entries(sent.metadata[field] ?? {}))
      if (key.startsWith(`${GROUP}/`) && kept.get(key) !== value) out.push(`metadata.${field}[${key}]`);
  }
  const uid = sent.metadata.ownerReferences?.[0]?.uid;
  if (!stored.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid))
    out.push('metadata.ownerReferences');
  return out;
}

/** Fields that a Pod has and a template has not. */
const OURS: ReadonlySet<string> = new Set(['spec.nodeName', 'spec.schedulerName']);

/** Fields of the PodSpec that were added or changed, and say where the Pod may live in a way that is not honoured. */
function unsupportedOf(sent: PodReading, stored: PodReading): string[] {
  const known = new Set(unsupportedFields({ ...sent.pod.spec, restartPolicy: 'Never' }, sent.sent));
  const out = unsupportedFields(stored.pod.spec, stored.sent)
    .map((path) => path.replace(/^template\./, ''))
    .filter((path) => !known.has(`template.${path}`) && !OURS.has(path));
  if (stored.pod.spec.nodeName !== sent.pod.spec.nodeName) out.push('spec.nodeName');
  return out;
}

const claimsBeside = (sent: Pod, stored: Pod): readonly ClaimUse[] => {
  const own = new Set(claimsOf(sent.spec).map(({ name }) => name));
  return claimsOf(stored.spec).filter(({ name }) => !own.has(name));
};

const without = (ports: readonly HostPort[], sent: readonly HostPort[]): HostPort[] =>
  ports.filter((port) => !sent.some((own) => portsClash(own, port)));

/**
 * Reads what the API server made of a Pod that was sent to it, really or as a dry run. What cannot be read in it is not
 * supported.
 * @param before of a Pod of the same class; it comes back itself where the same was made of this one
 */
export function admissionOf(manifest: object, answer: object, before?: Admission): Admission {
  const difference = differenceOf(manifest, answer);
  if (before?.difference === difference) return before;
  const readings = [readPod(manifest), readPod(answer)] as const;
  const [sent, stored] = [readings[0].pod, readings[1].pod];
  const unsupported = [...unsupportedOf(...readings), ...lostMarks(sent, stored), ...readings[1].faults];
  const own = wantsOf(sent, sent);
  const wants = wantsOf(sent, stored);
  const addedPorts = without(hostPortsOf(stored.spec), hostPortsOf(sent.spec));
  const addedClaims = claimsBeside(sent, stored);
  const labels = labelsOf(stored);
  const { demand, constraints, rules } = wants;
  const differs = (a: unknown, b: unknown): boolean => canonicalJson(a) !== canonicalJson(b);
  const changes = [
    ...(differs(demand, own.demand) ? ['resource requests'] : []),
    ...(constraintsText(constraints) === constraintsText(own.constraints)
      ? []
      : ['node selector, affinity or tolerations']),
    ...(differs(rules, own.rules) ? ['rules about other Pods'] : []),
    ...(addedClaims.length > 0 ? ['volume claims'] : []),
    ...(addedPorts.length > 0 ? ['host ports'] : []),
    ...(differs(labels, labelsOf(sent)) ? ['labels'] : []),
    ...unsupported,
  ];
  const fingerprint = canonicalJson({
    demand,
    constraints: constraintsText(constraints),
    rules,
    claims: addedClaims,
    addedPorts,
    unsupported,
  });
  return {
    ...wants,
    labels,
    addedPorts,
    addedClaims,
    unsupported: unsupported.map((path) => `${path} (by admission)`),
    changes,
    fingerprint,
    difference,
  };
}

/** Shapes that were made of a shape and an admission, so that an unchanged pair is laid over once. */
const laid = new WeakMap<Admission, WeakMap<TaskShape, TaskShape>>();

/** A shape as the API server makes it: the Pods are sent as the template says, and placed by what they become. */
export function withAdmission(shape: TaskShape, admission: Admission): TaskShape {
  if (admission.changes.length === 0) return shape;
  let ofAdmission = laid.get(admission);
  if (!ofAdmission) laid.set(admission, (ofAdmission = new WeakMap()));
  const known = ofAdmission.get(shape);
  if (known) return known;
  const { demand, constraints, rules, labels, addedPorts, addedClaims, unsupported } = admission;
  const made: TaskShape = {
    ...shape,
    demand,
    constraints,
    rules,
    claims: [...shape.claims, ...addedClaims],
    labels,
    fixedPorts: [...shape.fixedPorts, ...addedPorts],
    unsupported: [...shape.unsupported, ...unsupported],
  };
  ofAdmission.set(shape, made);
  return made;
}

/** What a Pod that is on its way counts as, where that differs from what its manifest says. */
export type Counted = Pick<PodFacts, 'requests' | 'hostPorts' | 'claims' | 'labels' | 'standing'>;

/** What a Pod that was just sent counts as; undefined when that is what its manifest says. */
export function countedAs(manifest: object, admission: Admission | undefined): Counted | undefined {
  if (admission === undefined || admission.changes.length === 0) return undefined;
  const { demand, addedPorts, addedClaims, labels, rules } = admission;
  const { spec } = readPod(manifest).pod;
  return {
    requests: demand,
    hostPorts: [...hostPortsOf(spec), ...addedPorts],
    claims: [...claimsOf(spec), ...addedClaims],
    labels,
    standing: standingRules(rules),
  };
}
