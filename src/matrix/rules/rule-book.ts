import type { DemandClass } from '../../snapshot/framework.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { MOST_TASKS } from '../cells/capacity.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { PodTallies } from './count-pods.ts';
import { planRules, type RulePlan } from './plan-rules.ts';
import type { RowRules, RowSpread, RuleName } from './row-rules.ts';
import { RuleWishes } from './rule-wishes.ts';
import type { Tally } from './tally.ts';

/**
 * The rules of rows about other Pods: affinity, anti-affinity (of those that are there as well) and topology spread.
 * Pods are counted once by the domains of each rule; a question about an agent costs a look-up for each rule.
 */
export class RuleBook {
  readonly #rows: readonly RowRules[];
  readonly #tallies: readonly Tally[];
  /** Moves whenever a count does. */
  #version = 0;

  readonly #counting: PodTallies;

  private constructor({ rows, tallies, counting }: RulePlan) {
    this.#rows = rows;
    this.#tallies = tallies;
    this.#counting = counting;
  }

  /** Reads the rules of the classes; undefined when Pods have no say in where any of them may go. */
  static of(snapshot: Snapshot, classes: readonly DemandClass[]): RuleBook | undefined {
    const plan = planRules(snapshot, classes);
    return plan && new RuleBook(plan);
  }

  /** A copy that can be changed without changing this one. */
  fork(): RuleBook {
    const tallies = this.#tallies.map((tally) => tally.clone());
    return new RuleBook({ rows: this.#rows, tallies, counting: this.#counting });
  }

  /** Moves whenever an answer may have changed. */
  get version(): number {
    return this.#version;
  }

  /** Whether other Pods have a say in where the tasks of a row may go, or go first. */
  rules(row: number): boolean {
    const { affinity, avoids, avoidedBy, spread } = this.#rows[row]!;
    return affinity.length + avoids.length + avoidedBy.length + spread.length > 0 || this.prefers(row);
  }

  /** Whether other Pods have a say in which agents a row takes first. */
  prefers(row: number): boolean {
    const { wishes, softSpread } = this.#rows[row]!;
    return wishes.length + softSpread.length > 0;
  }

  /** How many tasks of a row may come to an agent before it has to be asked again, resources aside. */
  room(row: number, agent: number): number {
    if (this.blocker(row, agent) !== undefined) return 0;
    const { avoidedBy, counts, spread } = this.#rows[row]!;
    for (const t of avoidedBy) if (counts.has(t) && this.#tallies[t]!.covers(agent)) return 1;
    let room = MOST_TASKS;
    for (const rule of spread) {
      if (rule.countsSelf) room = Math.min(room, rule.maxSkew - this.#skew(rule, agent));
    }
    return room;
  }

  /** The first rule that keeps a task of the row off an agent, in the order in which kube-scheduler asks. */
  blocker(row: number, agent: number): RuleName | undefined {
    const { spread, affinity, mayBeFirst, avoids, avoidedBy } = this.#rows[row]!;
    for (const rule of spread) {
      if (!this.#tallies[rule.tally]!.covers(agent)) return 'spreadLabel';
      if (this.#skew(rule, agent) + (rule.countsSelf ? 1 : 0) > rule.maxSkew) return 'spread';
    }
    if (affinity.length > 0 && !this.#isNear(affinity, agent, mayBeFirst)) return 'affinity';
    for (const t of avoids) if (this.#tallies[t]!.near(agent) > 0) return 'antiAffinity';
    for (const t of avoidedBy) if (this.#tallies[t]!.near(agent) > 0) return 'avoided';
    return undefined;
  }

  /** What other Pods make of the agents that a row may take, as this book counts them. */
  wishesOf(row: number, allowed: Uint8Array): RuleWishes {
    const { wishes, softSpread } = this.#rows[row]!;
    const tally = (t: number) => this.#tallies[t]!;
    return new RuleWishes(
      wishes.map((wish) => ({ tally: tally(wish.tally), weight: wish.weight })),
      softSpread.map(({ maxSkew, lenient, ...rule }) => ({ tally: tally(rule.tally), maxSkew, lenient })),
      allowed,
    );
  }

  /** Counts tasks of a row that come to an agent, or go again when negative. */
  place(row: number, agent: number, tasks: number): void {
    for (const t of this.#rows[row]!.counts) this.#tallies[t]!.add(agent, tasks);
    this.#version++;
  }

  /** Counts a bound Pod of the snapshot no more (-1), or again (1). */
  move(pod: PodFacts, agent: number, sign: 1 | -1): void {
    for (const t of this.#counting.of(pod)) this.#tallies[t]!.move(pod, agent, sign);
    this.#version++;
  }

  /** Whether a bound Pod counts in a rule that may keep tasks of a row away. */
  concerns(row: number, pod: PodFacts): boolean {
    const { spread, avoids, avoidedBy } = this.#rows[row]!;
    return this.#counting
      .of(pod)
      .some((t) => avoids.includes(t) || avoidedBy.includes(t) || spread.some(({ tally }) => tally === t));
  }

  /** Whether a task of a row could come to an agent if Pods went: where others have to be, it does not get nearer to them. */
  mayOpen(row: number, agent: number): boolean {
    const { spread, affinity, mayBeFirst } = this.#rows[row]!;
    return (
      spread.every(({ tally }) => this.#tallies[tally]!.covers(agent)) &&
      (affinity.length === 0 || this.#isNear(affinity, agent, mayBeFirst))
    );
  }

  /** By how many Pods the domain of an agent is ahead of the least. */
  #skew({ tally, minDomains }: RowSpread, agent: number): number {
    const counted = this.#tallies[tally]!;
    const domains = counted.scope?.domains.length ?? 0;
    return counted.near(agent) - (domains < minDomains ? 0 : counted.least);
  }

  #isNear(affinity: readonly number[], agent: number, mayBeFirst: boolean): boolean {
    let near = true;
    let none = true;
    for (const t of affinity) {
      const tally = this.#tallies[t]!;
      if (!tally.covers(agent)) return false;
      if (tally.near(agent) === 0) near = false;
      if (tally.total > 0) none = false;
    }
    return near || (none && mayBeFirst);
  }
}
