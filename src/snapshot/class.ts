import { REASON } from '../api/conditions.ts';
import { boundedText, listed } from '../lib/bounded-text.ts';
import { Avoidance, type Failure } from '../recovery/avoidance.ts';
import { HEALTHY } from '../recovery/health.ts';
import { endsSoon } from '../recovery/rules.ts';
import { isLost, signalOf, type Signal } from '../recovery/signal.ts';
import { formatTime } from '../lib/time.ts';
import { taskHolder } from './framework-id.ts';
import type { Hold } from './hold.ts';
import type { Judged } from './slots.ts';
import type { PodFacts } from './task.ts';
import type { TaskShape } from './workload.ts';

/** Number of tasks on each node. */
export function countByNode(pods: readonly PodFacts[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const { node } of pods) if (node !== undefined) out.set(node, (out.get(node) ?? 0) + 1);
  return out;
}

/** Names a class in all cycles, as its Pods do. @param holder of its framework */
export const classKey = (holder: string, group: string): string => `${holder}/${group}`;

/** The class of a Pod that takes part; all Pods of others in a framework are of one. */
const classOf = ({ task, customer, namespace }: PodFacts): string | undefined =>
  task ? classKey(taskHolder(task, namespace), task.group) : customer && classKey(customer.framework.id, '');

/** What a failure is called that speaks against the node; undefined for the other signals. */
const KINDS: Partial<Record<Signal, Failure['kind']>> = {
  Rejected: 'refused',
  Evicted: 'evicted',
  Crashed: 'crashed',
  HelperCrashed: 'crashed',
};

/** How a Pod failed on its node; undefined when it did not, or when somebody made it end. */
export function failureOf(pod: PodFacts): Failure | undefined {
  const { node, endedAt, task, reason, hostPorts } = pod;
  const ofClass = classOf(pod);
  if (node === undefined || endedAt === undefined || ofClass === undefined) return undefined;
  const { exit } = task ?? {};
  // That is the fault of its node for a moment, and of nobody now; or our own order.
  if (isLost(exit) || exit?.byChange) return undefined;
  const kind = KINDS[signalOf({ ...pod, exit }, HEALTHY, Number.POSITIVE_INFINITY)];
  if (kind === undefined) return undefined;
  // A server that finds its port in use ends as soon as it began.
  const blamesPorts = reason === 'NodePorts' || (exit && endsSoon(exit.ranMs));
  const ports = blamesPorts ? hostPorts.map(({ port }) => port) : [];
  return {
    ofClass,
    revision: task?.revision ?? '',
    node,
    kind,
    reason: exit?.reason || reason,
    ports: [...new Set(ports)],
    at: endedAt,
  };
}

/** How a node failed a Pod that never started there. @param at when it was given up, ms since the epoch */
export function failedStart(pod: PodFacts, at: number): Failure | undefined {
  const ofClass = classOf(pod);
  if (pod.node === undefined || ofClass === undefined) return undefined;
  const revision = pod.task?.revision ?? '';
  return { ofClass, revision, node: pod.node, kind: 'refused', reason: 'NeverStarted', ports: [], at };
}

/** What is remembered of nodes by the Pods that there are. */
export function avoidanceOf(pods: readonly PodFacts[]): Avoidance {
  const avoidance = new Avoidance();
  const failures = pods.flatMap((pod) => {
    const failure = failureOf(pod);
    return failure ? [{ key: pod.key, failure }] : [];
  });
  // Of several at once the last one counts: the order of the Pods must not decide which that is.
  failures.sort((a, b) => a.failure.at - b.failure.at || (a.key < b.key ? -1 : 1));
  for (const { failure } of failures) avoidance.failed(failure);
  return avoidance;
}

/** How tasks ended whose slots back off: the first to be tried again, when that is, and how many more there are. */
export function backOffWords(backingOff: readonly Pick<Judged, 'ended' | 'due'>[]): string {
  const [first] = backingOff.toSorted((a, b) => a.due - b.due);
  if (first === undefined) return '';
  const more = backingOff.length > 1 ? `, and ${backingOff.length - 1} more` : '';
  return `${first.ended}; next try at ${formatTime(first.due)}${more}`;
}

/** How the task ended that failed last; empty when none did. */
export const lastFailure = (judged: readonly Judged[]): string =>
  judged
    .filter(({ action }) => action === 'retry')
    .toSorted((a, b) => (b.pod.endedAt ?? 0) - (a.pod.endedAt ?? 0))[0]?.ended ?? '';

/** Holds a framework whose templates have fields that cannot be honoured. */
export function unsupportedHold(shapes: readonly TaskShape[]): Hold | undefined {
  const fields = [...new Set(shapes.flatMap((shape) => shape.unsupported))];
  if (fields.length === 0) return undefined;
  return {
    reason: REASON.unsupported,
    message: boundedText(`not supported, remove it: ${listed(fields)}`),
  };
}
