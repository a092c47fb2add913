import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { StandingRules } from '../../snapshot/pod-rules.ts';
import type { Labels } from '../../snapshot/reading/selector.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Tally } from './tally.ts';

/** A tally of Pods by their labels. */
interface Test {
  readonly tally: number;
  readonly counts: (namespace: string, labels: Labels) => boolean;
}

/** In which tallies a bound Pod counts. Selectors are asked once for all Pods of a namespace with the same labels. */
export class PodTallies {
  readonly #tests: readonly Test[];
  readonly #heldBy: ReadonlyMap<StandingRules, readonly number[]>;
  readonly #known = new Map<Labels, Map<string, readonly number[]>>();

  /** @param heldBy tallies that a Pod counts in by its own rules */
  constructor(tests: readonly Test[], heldBy: ReadonlyMap<StandingRules, readonly number[]>) {
    this.#tests = tests;
    this.#heldBy = heldBy;
  }

  /** Numbers of all of them. */
  of(pod: PodFacts): readonly number[] {
    const [labels, rules] = [this.#byLabels(pod), this.#byRules(pod)];
    return rules.length === 0 ? labels : [...labels, ...rules];
  }

  /** Counts the bound Pods of a snapshot. When nothing goes by labels, only those that have rules are looked at. */
  count({ numbers, pods, ruling }: Snapshot, tallies: readonly Tally[]): void {
    const each = (bound: readonly PodFacts[], talliesOf: (pod: PodFacts) => readonly number[]) => {
      for (const pod of bound) {
        if (pod.node === undefined || pod.terminal) continue;
        const agent = numbers.get(pod.node);
        if (agent === undefined) continue;
        for (const t of talliesOf(pod)) tallies[t]!.move(pod, agent, 1);
      }
    };
    each(ruling, (pod) => this.#byRules(pod));
    if (this.#tests.length > 0) each(pods, (pod) => this.#byLabels(pod));
  }

  #byRules({ standing }: PodFacts): readonly number[] {
    return (standing && this.#heldBy.get(standing)) ?? [];
  }

  #byLabels({ namespace, labels }: PodFacts): readonly number[] {
    let byNamespace = this.#known.get(labels);
    if (!byNamespace) this.#known.set(labels, (byNamespace = new Map()));
    let found = byNamespace.get(namespace);
    if (!found) {
      found = this.#tests.filter(({ counts }) => counts(namespace, labels)).map(({ tally }) => tally);
      byNamespace.set(namespace, found);
    }
    return found;
  }
}
