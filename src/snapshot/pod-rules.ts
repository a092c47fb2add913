import { record } from '../lib/record.ts';
import type { LabelSelector, PodAffinityTerm, PodSpec, SelectorRequirement } from './reading/objects.ts';
import { compileSelector, selects, type Labels, type Selector } from './reading/selector.ts';

/** Selects Pods, and says over which domains of nodes they count. */
export interface PodTerm {
  readonly topologyKey: string;
  /** Undefined selects no Pod. */
  readonly selector: Selector | undefined;
  /** Names of namespaces whose Pods count. */
  readonly namespaces: readonly string[];
  /** Further namespaces, by their labels; without requirements all of them. */
  readonly namespaceSelector: Selector | undefined;
}

/** A wish to be near the Pods of a term; a negative weight is one to be far from them. */
export interface WeightedTerm {
  readonly term: PodTerm;
  /** -100..100. */
  readonly weight: number;
}

/** A compiled topology spread constraint. */
export interface SpreadRule {
  readonly topologyKey: string;
  /** Pods of the same namespace that count; undefined selects none. */
  readonly selector: Selector | undefined;
  readonly maxSkew: number;
  /** With fewer domains than these the least number of Pods in one is held to be 0. */
  readonly minDomains: number;
  /** Nodes that the node selector or affinity excludes do not count. */
  readonly honoursAffinity: boolean;
  /** Nodes with taints that are not tolerated do not count. */
  readonly honoursTaints: boolean;
  /** Nodes without the label count for other constraints, and are not liked less. */
  readonly lenient: boolean;
}

/** Labels of nodes that Kubernetes knows. */
export const HOST = 'kubernetes.io/hostname';
export const ZONE = 'topology.kubernetes.io/zone';

/** The rules of a Pod about other Pods. */
export interface PodRules {
  /** All must hold: a domain with Pods that match every term. */
  readonly affinity: readonly PodTerm[];
  /** No domain with Pods that match any of them. */
  readonly antiAffinity: readonly PodTerm[];
  readonly preferred: readonly WeightedTerm[];
  /** DoNotSchedule. */
  readonly spread: readonly SpreadRule[];
  /** ScheduleAnyway. */
  readonly softSpread: readonly SpreadRule[];
}

/** The rules of a Pod without any. */
const NO_POD_RULES: PodRules = {
  affinity: [],
  antiAffinity: [],
  preferred: [],
  spread: [],
  softSpread: [],
};

/** Requirements that the keys of matchLabelKeys or mismatchLabelKeys stand for; keys that the Pod lacks say nothing. */
const keyed = (keys: readonly string[] | undefined, operator: 'In' | 'NotIn', labels: Labels) =>
  (keys ?? []).flatMap((key): SelectorRequirement[] =>
    labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }],
  );

function compileTerm(term: PodAffinityTerm, namespace: string, labels: Labels): PodTerm {
  const { namespaces = [], namespaceSelector } = term;
  const own = namespaces.length === 0 && !namespaceSelector;
  return {
    topologyKey: term.topologyKey,
    selector: compileSelector(term.labelSelector, [
      ...keyed(term.matchLabelKeys, 'In', labels),
      ...keyed(term.mismatchLabelKeys, 'NotIn', labels),
    ]),
    namespaces: own ? [namespace] : [...namespaces].sort(),
    namespaceSelector: compileSelector(namespaceSelector),
  };
}

/**
 * Compiles what a PodSpec says about other Pods.
 * @param namespace of the Pod @param labels of the Pod
 */
export function podRules(spec: PodSpec, namespace: string, labels: Labels): PodRules {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const spread = spec.topologySpreadConstraints ?? [];
  if (!podAffinity && !podAntiAffinity && spread.length === 0) return NO_POD_RULES;
  const compile = (term: PodAffinityTerm) => compileTerm(term, namespace, labels);
  const weighted = (of: typeof podAffinity, sign: 1 | -1) =>
    (of?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      term: compile(podAffinityTerm),
      weight: sign * weight,
    }));
  const spreadRules = (whenUnsatisfiable: string) =>
    spread
      .filter((each) => each.whenUnsatisfiable === whenUnsatisfiable)
      .map((each): SpreadRule => ({
        topologyKey: each.topologyKey,
        selector: compileSelector(each.labelSelector, keyed(each.matchLabelKeys, 'In', labels)),
        maxSkew: each.maxSkew,
        minDomains: each.minDomains ?? 1,
        honoursAffinity: (each.nodeAffinityPolicy ?? 'Honor') === 'Honor',
        honoursTaints: each.nodeTaintsPolicy === 'Honor',
        lenient: false,
      }));
  return {
    affinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(compile),
    antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(compile),
    preferred: [...weighted(podAffinity, 1), ...weighted(podAntiAffinity, -1)],
    spread: spreadRules('DoNotSchedule'),
    softSpread: spreadRules('ScheduleAnyway'),
  };
}

/** What the rules of a Pod that is there mean for Pods that come. */
export interface StandingRules {
  /** Terms whose Pods may not come into its domains. */
  readonly repels: readonly PodTerm[];
  /** Terms whose Pods it wants near, or far. */
  readonly wants: readonly WeightedTerm[];
}

/** How much a required affinity of a Pod that is there speaks for Pods that it selects, as in kube-scheduler. */
const HARD_AFFINITY_WEIGHT = 1;

/** What a Pod with those rules means for Pods that come once it is there; undefined for nothing. */
export function standingRules({ affinity, antiAffinity, preferred }: PodRules): StandingRules | undefined {
  if (affinity.length + antiAffinity.length + preferred.length === 0) return undefined;
  const required = affinity.map((term) => ({ term, weight: HARD_AFFINITY_WEIGHT }));
  return { repels: antiAffinity, wants: [...required, ...preferred] };
}

/** Labels of namespaces by their name; one that is not there has none. */
export type NamespaceLabels = ReadonlyMap<string, Labels>;

const NO_LABELS: Labels = record<string>();

/** Whether a term selects a Pod. */
export function termSelects(
  { selector, namespaces, namespaceSelector }: PodTerm,
  namespace: string,
  labels: Labels,
  namespaceLabels: NamespaceLabels,
): boolean {
  const seen =
    namespaces.includes(namespace) || selects(namespaceSelector, namespaceLabels.get(namespace) ?? NO_LABELS);
  return seen && selects(selector, labels);
}

/** Every label selector that a PodSpec holds about other Pods, with its path, for checks. */
export function podSelectors(
  spec: PodSpec,
): { readonly path: string; readonly selector: LabelSelector; readonly keys: readonly string[] }[] {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const terms = Object.entries({ podAffinity, podAntiAffinity }).flatMap(([kind, of]) => [
    ...(of?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term, i) => ({
      path: `affinity.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`,
      term,
    })),
    ...(of?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }, i) => ({
      path: `affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`,
      term: podAffinityTerm,
    })),
  ]);
  const spread = (spec.topologySpreadConstraints ?? []).map((term, i) => ({
    path: `topologySpreadConstraints[${i}]`,
    term: { ...term, mismatchLabelKeys: [], namespaceSelector: undefined },
  }));
  return [...terms, ...spread].flatMap(({ path, term }) => [
    {
      path: `${path}.labelSelector`,
      selector: term.labelSelector ?? {},
      keys: [...(term.matchLabelKeys ?? []), ...(term.mismatchLabelKeys ?? [])],
    },
    { path: `${path}.namespaceSelector`, selector: term.namespaceSelector ?? {}, keys: [] },
  ]);
}
