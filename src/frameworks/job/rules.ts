import { SIGNAL_NUMBERS, type FailureAction, type FailurePolicy } from '../../api/job/failure-policy.ts';
import type { TrainingJobSpec } from '../../api/trainingjob.ts';
import type { Judged } from '../../snapshot/slots.ts';
import { elasticOf, taskRules } from './size.ts';

/** A worker under judgement, with what its job's rules do about it; undefined for one that is well, done or alone to be replaced. */
export interface Ruled extends Judged {
  readonly verdict: FailureAction | undefined;
}

type Group = TrainingJobSpec['groups'][number];

/** How long after its end a worker starts again whose failure is ignored, ms: no hot loops. */
const IGNORED_MS = 1000;

/** Runtimes whose workers all stop when one does, and take none back alone. */
const TOGETHER: ReadonlySet<string> = new Set(['PyTorch', 'JAX']);

/** What is done about failures of a worker that no rule is about. */
function defaultOf(spec: TrainingJobSpec, group: Group | undefined, slot: number): FailureAction {
  const { failurePolicy, runtime } = spec;
  const elastic = group && elasticOf(group, spec);
  // Others go on without a worker of torchrun, but for the first: it has the store by which they meet.
  const bears = elastic && !elastic.isFixed && slot > 0;
  const isApart = group?.runtime === 'None' || bears || !(elastic?.isFixed || TOGETHER.has(runtime));
  return failurePolicy?.defaultAction ?? (isApart ? 'RestartTask' : 'RestartGang');
}

/**
 * What the rules of a job do about a worker. Rules speak of every end but success; what is done by default is done about
 * failures, and where no worker comes back alone about all losses.
 * @param now ms since the epoch
 */
export function ruled(judged: Judged, spec: TrainingJobSpec, now: number): Ruled {
  const { action, pod, signal } = judged;
  if (action === 'keep' || action === 'complete') return { ...judged, verdict: undefined };
  const isFailure = action === 'retry';
  // Its workers are sent away, and come back together.
  if (spec.suspend && !isFailure) return { ...judged, verdict: undefined };
  const matching = spec.failurePolicy?.rules.find((rule) => matches(rule, judged));
  const group = spec.groups.find(({ name }) => name === pod.task.group);
  const byDefault = defaultOf(spec, group, pod.task.slot);
  const isFixed = group && elasticOf(group, spec)?.isFixed;
  // One that its kubelet did not take has not met the others; whom we sent away went with them, but for one that was spare.
  const isMissed = byDefault === 'RestartGang' && signal !== 'Rejected' && (isFixed || !pod.dismissed);
  const verdict = matching?.action ?? (isFailure || isMissed ? byDefault : undefined);
  if (verdict === 'RestartGang') {
    if (group && taskRules(group)) return { ...judged, verdict: 'RestartTask' };
    // The gang counts it and backs off, and not the worker.
    return { ...judged, failures: pod.task.failures, due: now, verdict };
  }
  if (verdict !== 'Ignore' || !isFailure) return { ...judged, verdict };
  const due = (pod.endedAt ?? now) + IGNORED_MS;
  return { ...judged, action: 'replace', failures: pod.task.failures, due, verdict };
}

function matches(
  { groups, exitCodes, signals, reasons, message }: FailurePolicy['rules'][number],
  { pod, signal }: Judged,
): boolean {
  const { exit, group } = pod.task;
  const code = exit?.code ?? 0;
  if (groups && !groups.includes(group)) return false;
  if (exitCodes && !exitCodes.includes(code)) return false;
  if (signals && !signals.some((name) => code === 128 + SIGNAL_NUMBERS[name])) return false;
  if (reasons && !reasons.some((each) => [signal, exit?.reason, pod.reason].includes(each))) return false;
  return !message || isLike(exit?.message ?? pod.message, message);
}

/** Whether a text is like a pattern, in which * stands for any text. It takes no longer than both are long. */
function isLike(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
