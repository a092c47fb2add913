import { REASON } from '../api/conditions.ts';
import { boundedText, listed } from '../lib/bounded-text.ts';
import { formatTime } from '../lib/time.ts';
import type { Hold } from './framework.ts';
import { endOf, type Judged } from './slots.ts';
import type { PodFacts } from './task.ts';
import type { TaskShape } from './workload.ts';

/** How long a failure on a node speaks against that node, ms. */
export const FAILURE_MEMORY_MS = 10 * 60_000;

/** Number of tasks on each node. */
export function countByNode(pods: readonly PodFacts[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const { node } of pods) if (node !== undefined) out.set(node, (out.get(node) ?? 0) + 1);
  return out;
}

/** Failures on each node that are recent and not the node's loss as a whole. */
export function recentFailures(judged: readonly Judged[], now: number): Map<string, number> {
  const out = new Map<string, number>();
  for (const { pod, signal } of judged) {
    const speaks =
      signal === 'Crashed' || signal === 'HelperCrashed' || signal === 'Rejected' || signal === 'Evicted';
    if (!speaks || pod.node === undefined || now - endOf(pod) > FAILURE_MEMORY_MS) continue;
    out.set(pod.node, (out.get(pod.node) ?? 0) + 1);
  }
  return out;
}

/** How tasks ended whose slots back off: the first to be tried again, when that is, and how many more there are. */
export function backOffWords(backingOff: readonly Judged[]): string {
  const [first] = backingOff.toSorted((a, b) => a.due - b.due);
  if (first === undefined) return '';
  const more = backingOff.length > 1 ? `, and ${backingOff.length - 1} more` : '';
  return `${first.ended}; next try at ${formatTime(first.due)}${more}`;
}

/** How the task ended that failed last; empty when none did. */
export const lastFailure = (judged: readonly Judged[]): string =>
  judged.filter(({ action }) => action === 'retry').toSorted((a, b) => endOf(b.pod) - endOf(a.pod))[0]
    ?.ended ?? '';

/** Holds a framework whose templates have fields that cannot be honoured. */
export function unsupportedHold(shapes: readonly TaskShape[]): Hold | undefined {
  const fields = [...new Set(shapes.flatMap((shape) => shape.unsupported))];
  if (fields.length === 0) return undefined;
  return {
    reason: REASON.unsupported,
    message: boundedText(`not supported, remove it: ${listed(fields)}`),
  };
}
