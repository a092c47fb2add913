import { REASON } from '../api/conditions.ts';
import { boundedText, listed } from '../lib/bounded-text.ts';
import type { Hold } from './framework.ts';
import type { Judged, TaskPod } from './slots.ts';
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
    const speaks = signal === 'Crashed' || signal === 'Rejected' || signal === 'Evicted';
    if (!speaks || pod.node === undefined || now - (pod.endedAt ?? now) > FAILURE_MEMORY_MS) continue;
    out.set(pod.node, (out.get(pod.node) ?? 0) + 1);
  }
  return out;
}

/** Why the first task that can not start does not, in the kubelet's word; empty when all can. */
export const stuckTask = (live: readonly TaskPod[]): string =>
  live.find((pod) => pod.task.stuck !== '')?.task.stuck ?? '';

/** Holds a framework whose templates have fields that cannot be honoured. */
export function unsupportedHold(shapes: readonly TaskShape[]): Hold | undefined {
  const fields = [...new Set(shapes.flatMap((shape) => shape.unsupported))];
  if (fields.length === 0) return undefined;
  return {
    reason: REASON.unsupported,
    message: boundedText(`not supported, remove it: ${listed(fields)}`),
  };
}
