import type { Allocation } from '../allocator/allocate.ts';
import { REASON, type Reason } from '../api/conditions.ts';
import { boundedText } from '../lib/bounded-text.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { FrameworkOutcome } from './outcome.ts';

/** What the status of a Pod that waits says, in Kubernetes' own fields. */
export interface Unscheduled {
  readonly pod: PodFacts;
  /** Reason of the condition PodScheduled, which is False. */
  readonly reason: string;
  readonly message: string;
  /** status.nominatedNodeName: where room is being freed for it; undefined when nowhere. */
  readonly nominated: string | undefined;
}

/** The reason by which node autoscalers know Pods that more nodes would help. */
const UNSCHEDULABLE = 'Unschedulable';

/** Layers that more nodes, or other ones, would help with. */
const NODES_WOULD_HELP: ReadonlySet<Reason> = new Set([
  REASON.resources,
  REASON.constraints,
  REASON.faults,
  REASON.gang,
  REASON.freeing,
  REASON.budget,
]);

/** What is to be said of each Pod of others that waits after a cycle. */
export function unscheduledPods(
  snapshot: Snapshot,
  { launches, nominations }: Allocation,
  all: readonly FrameworkOutcome[],
): Unscheduled[] {
  const bound = new Set(launches.map(({ vacancy }) => vacancy.pod));
  const out: Unscheduled[] = [];
  for (const { framework, held, waits } of all) {
    if (framework.makesPods) continue;
    if (framework.frozen && held) {
      const { reason, message } = held;
      for (const pod of framework.frozen) out.push({ pod, reason, message, nominated: undefined });
    }
    for (const { demandClass, held: why } of waits) {
      // A Pod that lacks others of its gang, or that the API server refuses, is not helped by any node.
      const helps = !framework.hold && !demandClass.hold && NODES_WOULD_HELP.has(why.reason);
      const reason = helps ? UNSCHEDULABLE : why.reason;
      const message = boundedText(why.message);
      const waits = [...demandClass.pending].flatMap(({ pod }) => (pod && !bound.has(pod) ? [pod] : []));
      const nominated = nominations
        .filter((nomination) => nomination.demandClass === demandClass)
        .flatMap(({ agent, tasks }) => Array.from({ length: tasks }, () => snapshot.agents[agent]!.name));
      waits.forEach((pod, i) => out.push({ pod, reason, message, nominated: nominated[i] }));
    }
  }
  return out;
}
