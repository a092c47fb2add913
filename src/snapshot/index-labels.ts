import { record } from '../lib/record.ts';
import type { PodRules, PodTerm, StandingRules } from './pod-rules.ts';
import type { Labels, Selector } from './reading/selector.ts';
import type { ServiceFacts } from './service.ts';
import type { TaskShape } from './workload.ts';

/** Labels by which Jobs and StatefulSets number their Pods: in all else those are alike. */
const INDEX_LABELS: ReadonlySet<string> = new Set([
  'batch.kubernetes.io/job-completion-index',
  'apps.kubernetes.io/pod-index',
  'statefulset.kubernetes.io/pod-name',
]);

/** Labels without those that number Pods; the same object when there are none. */
export function unnumbered(labels: Labels): Labels {
  const keys = Object.keys(labels);
  const kept = keys.filter((key) => !INDEX_LABELS.has(key));
  if (kept.length === keys.length) return labels;
  const out = record<string>();
  for (const key of kept) out[key] = labels[key]!;
  return out;
}

const reads = (selector: Selector | undefined): boolean =>
  selector?.some(({ key }) => INDEX_LABELS.has(key)) ?? false;
const readsTerm = ({ selector }: PodTerm): boolean => reads(selector);

const ruledByNumber = ({ affinity, antiAffinity, preferred, spread, softSpread }: PodRules): boolean =>
  [...affinity, ...antiAffinity, ...preferred.map(({ term }) => term)].some(readsTerm) ||
  [...spread, ...softSpread].some(({ selector }) => reads(selector));

const standsByNumber = ({ repels, wants }: StandingRules): boolean =>
  repels.some(readsTerm) || wants.some(({ term }) => readsTerm(term));

const servesByNumber = ({ selector }: ServiceFacts): boolean =>
  Object.keys(selector ?? {}).some((key) => INDEX_LABELS.has(key));

/** Whether a rule of a Pod, which it has for itself or for others, goes by the number of a Pod. */
export const readsNumbers = ({
  customer,
  standing,
}: {
  readonly customer: { readonly shape: TaskShape | undefined } | undefined;
  readonly standing: StandingRules | undefined;
}): boolean =>
  (customer?.shape !== undefined && ruledByNumber(customer.shape.rules)) ||
  (standing !== undefined && standsByNumber(standing));

/**
 * Whether anything tells the numbered Pods of a namespace apart: a rule of a Pod anywhere, or a Service of theirs.
 * @param shapes of the Pods that workloads of ours may get @param ruled whether a Pod {@link readsNumbers}
 */
export function numberReaders(
  shapes: readonly TaskShape[],
  ruled: boolean,
  services: readonly ServiceFacts[],
): (namespace: string) => boolean {
  const isRuled = ruled || shapes.some(({ rules }) => ruledByNumber(rules));
  const served = new Set(services.filter(servesByNumber).map(({ namespace }) => namespace));
  return (namespace) => isRuled || served.has(namespace);
}
