import type { NodeSelectorTerm, PodSpec, SelectorRequirement, Taint, Toleration } from './objects.ts';

/** The facts of a node that constraints look at. */
export interface NodeTraits {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
}

/** The hard constraints of a demand class on nodes, other than resources and ports. */
export interface NodeConstraints {
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** OR of terms; undefined when there is no required node affinity. */
  readonly affinityTerms: readonly NodeSelectorTerm[] | undefined;
  readonly tolerations: readonly Toleration[];
}

/** Why a node is excluded, in the words of kube-scheduler's own events. */
export type Exclusion = 'selector' | 'affinity' | 'taint' | 'cordon';

/** Taint that a cordoned node is held to carry, as in kube-scheduler's NodeUnschedulable plugin. */
export const CORDON_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Takes the constraints out of a PodSpec. */
export function nodeConstraints(spec: PodSpec): NodeConstraints {
  return {
    nodeSelector: spec.nodeSelector ?? {},
    affinityTerms:
      spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    tolerations: spec.tolerations ?? [],
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

/** Parses the operand of Gt and Lt: an integer, or undefined (the requirement then fails). */
function integer(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;
}

/**
 * One requirement of a node selector term against a value (undefined = the label is absent). NotIn and DoesNotExist
 * hold for an absent label, the others do not; an unknown operator matches nothing.
 */
export function requirementMatches(
  { operator, values = [] }: SelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const left = integer(value);
      const right = values.length === 1 ? integer(values[0]) : undefined;
      if (left === undefined || right === undefined) return false;
      return operator === 'Gt' ? left > right : left < right;
    }
    default:
      return false;
  }
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

/** The first constraint that excludes the node, or undefined when the class may live there. */
export function exclusionOf(constraints: NodeConstraints, node: NodeTraits): Exclusion | undefined {
  const tolerated = (taint: Taint) => constraints.tolerations.some((t) => tolerates(t, taint));
  if (node.unschedulable && !tolerated(CORDON_TAINT)) return 'cordon';
  for (const taint of node.taints) {
    const repels = taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';
    if (repels && !tolerated(taint)) return 'taint';
  }
  for (const key in constraints.nodeSelector) {
    if (node.labels[key] !== constraints.nodeSelector[key]) return 'selector';
  }
  const terms = constraints.affinityTerms;
  if (terms && !terms.some((term) => termMatches(term, node))) return 'affinity';
  return undefined;
}
