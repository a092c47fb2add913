import type { Snapshot } from '../../snapshot/build.ts';
import type { StandingRules } from '../../snapshot/pod-rules.ts';
import type { Labels } from '../../snapshot/selector.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Tally } from './tally.ts';

/** A tally of Pods by their labels. */
interface Test {
  readonly tally: number;
  readonly counts: (namespace: string, labels: Labels) => boolean;
}

/**
 * Counts the bound Pods of a snapshot. Selectors are asked once for all Pods of a namespace with the same labels; when
 * nothing goes by labels, only Pods that have rules themselves are looked at.
 * @param heldBy tallies that a Pod counts in by its own rules
 */
export function countPods(
  snapshot: Snapshot,
  tallies: readonly Tally[],
  tests: readonly Test[],
  heldBy: ReadonlyMap<StandingRules, readonly number[]>,
): void {
  const { numbers, pods, ruling } = snapshot;
  const each = (bound: readonly PodFacts[], talliesOf: (pod: PodFacts) => readonly number[]) => {
    for (const pod of bound) {
      if (pod.node === undefined || pod.terminal) continue;
      const agent = numbers.get(pod.node);
      if (agent === undefined) continue;
      for (const t of talliesOf(pod)) {
        const tally = tallies[t]!;
        if (!pod.deleting || !tally.scope?.skipsLeaving) tally.add(agent, 1);
      }
    }
  };
  each(ruling, ({ standing }) => heldBy.get(standing!)!);
  if (tests.length === 0) return;
  const known = new Map<Labels, Map<string, readonly number[]>>();
  each(pods, ({ namespace, labels }) => {
    let byNamespace = known.get(labels);
    if (!byNamespace) known.set(labels, (byNamespace = new Map()));
    let found = byNamespace.get(namespace);
    if (!found) {
      found = tests.filter(({ counts }) => counts(namespace, labels)).map(({ tally }) => tally);
      byNamespace.set(namespace, found);
    }
    return found;
  });
}
