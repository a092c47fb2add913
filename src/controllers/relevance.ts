import { firstEnd } from '../snapshot/sessions.ts';
import type { PodFacts } from '../snapshot/task.ts';

/**
 * Whether a change of a Pod can change a decision. Most events of a busy cluster cannot: a kubelet that reports an
 * address, a launch of our own that comes back as it was decided.
 * @param before what was known: the stored Pod, or the launch that was assumed; undefined for a new Pod
 * @param after undefined when the Pod is gone
 * @param waiting tasks wait for an offer, so that any room that comes or goes matters
 */
export function changesDecisions(
  before: PodFacts | undefined,
  after: PodFacts | undefined,
  waiting: boolean,
): boolean {
  const { task, customer } = (before ?? after)!;
  const ours = (task ?? customer) !== undefined;
  if (!ours && !waiting) return false;
  if (before === undefined || after === undefined) return true;
  const takesRoom = (pod: PodFacts) => pod.node !== undefined && !pod.terminal;
  if (takesRoom(before) !== takesRoom(after) || before.node !== after.node) return true;
  if (before.requests !== after.requests || before.hostPorts.length !== after.hostPorts.length) return true;
  // Equal label sets are one object. Spread constraints do not count Pods on their way out.
  if (before.labels !== after.labels || before.deleting !== after.deleting) return true;
  if (before.inverseOffer !== after.inverseOffer) return true;
  // What was ordered to go does go.
  if (before.ordered !== after.ordered) return true;
  if (!ours) return false;
  return (
    before.ready !== after.ready ||
    before.phase !== after.phase ||
    before.reason !== after.reason ||
    before.endedAt !== after.endedAt ||
    before.task?.exit?.container !== after.task?.exit?.container ||
    before.task?.stuck !== after.task?.stuck ||
    before.task?.unmounted !== after.task?.unmounted ||
    before.task?.session !== after.task?.session ||
    firstEnd(before.task?.sessions ?? []) !== firstEnd(after.task?.sessions ?? []) ||
    before.task?.answers !== after.task?.answers ||
    before.task?.asked?.verdict?.unanswered !== after.task?.asked?.verdict?.unanswered ||
    before.task?.owner !== after.task?.owner ||
    before.customer?.shape !== after.customer?.shape ||
    before.customer?.framework !== after.customer?.framework ||
    before.customer?.role !== after.customer?.role
  );
}

/**
 * Whether a change of a Pod changes what the status of its workload sums up, though nothing is decided by it. Equal counters
 * are one object.
 */
export const changesSums = (before: PodFacts | undefined, after: PodFacts | undefined): boolean =>
  before?.task?.counters !== after?.task?.counters;
