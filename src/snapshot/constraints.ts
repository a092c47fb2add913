import { record } from '../lib/record.ts';
import type {
  NodeSelectorTerm,
  PodSpec,
  PreferredSchedulingTerm,
  Taint,
  Toleration,
} from './reading/objects.ts';
import { requirementMatches, type Labels } from './reading/selector.ts';

/** The facts of a node that constraints look at. */
export interface NodeTraits {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
}

/** What a demand class asks of nodes, other than resources and ports. */
export interface NodeConstraints {
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** OR of terms; undefined when there is no required node affinity. */
  readonly affinityTerms: readonly NodeSelectorTerm[] | undefined;
  readonly tolerations: readonly Toleration[];
  /** Wishes: preferred node affinity. */
  readonly preferences: readonly PreferredSchedulingTerm[];
}

/** Why a node is excluded, in the words of kube-scheduler's own events. */
export type Exclusion = 'selector' | 'affinity' | 'taint' | 'cordon';

/** Taint that a cordoned node is held to carry, as in kube-scheduler's NodeUnschedulable plugin. */
export const CORDON_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Takes the constraints out of a PodSpec. */
export function nodeConstraints(spec: PodSpec): NodeConstraints {
  const { nodeAffinity } = spec.affinity ?? {};
  return {
    nodeSelector: spec.nodeSelector ?? record(),
    affinityTerms: nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    tolerations: spec.tolerations ?? [],
    preferences: nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

/**
 * Whether a toleration covers a taint (k8s.io/component-helpers scheduling/corev1): an empty key with Exists covers
 * all keys, an empty effect covers all effects.
 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  const operator = toleration.operator || 'Equal';
  if (!toleration.key) return operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

/** A term is an AND; a term without requirements matches nothing. */
function termMatches(term: NodeSelectorTerm, node: NodeTraits): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((r) => requirementMatches(r, node.labels[r.key])) &&
    fields.every((r) => r.key === 'metadata.name' && requirementMatches(r, node.name))
  );
}

const isTolerated = ({ tolerations }: NodeConstraints, taint: Taint): boolean =>
  tolerations.some((toleration) => tolerates(toleration, taint));

/** The first taint that keeps the class away. */
export function repellingTaint(constraints: NodeConstraints, { taints }: NodeTraits): Taint | undefined {
  return taints.find(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !isTolerated(constraints, taint),
  );
}

/** Whether node selector or required node affinity exclude the node, and which. */
export function affinityExclusion(
  { nodeSelector, affinityTerms }: NodeConstraints,
  node: NodeTraits,
): 'selector' | 'affinity' | undefined {
  for (const key in nodeSelector) {
    if (node.labels[key] !== nodeSelector[key]) return 'selector';
  }
  return affinityTerms && !affinityTerms.some((term) => termMatches(term, node)) ? 'affinity' : undefined;
}

/** The first constraint that excludes the node, or undefined when the class may live there. */
export function exclusionOf(constraints: NodeConstraints, node: NodeTraits): Exclusion | undefined {
  if (node.unschedulable && !isTolerated(constraints, CORDON_TAINT)) return 'cordon';
  if (repellingTaint(constraints, node)) return 'taint';
  return affinityExclusion(constraints, node);
}

/** Sum of the weights of the preferred terms that the node matches. */
export function nodePreference({ preferences }: NodeConstraints, node: NodeTraits): number {
  return preferences.reduce(
    (sum, { weight, preference }) => sum + (termMatches(preference, node) ? weight : 0),
    0,
  );
}

/** Number of PreferNoSchedule taints of the node that the class does not tolerate. */
export function unwantedTaints(constraints: NodeConstraints, { taints }: NodeTraits): number {
  return taints.reduce(
    (sum, taint) => sum + (taint.effect === 'PreferNoSchedule' && !isTolerated(constraints, taint) ? 1 : 0),
    0,
  );
}
