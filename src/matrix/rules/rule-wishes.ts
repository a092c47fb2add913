import { MAX_SCORE } from '../cells/priority.ts';
import type { Wish } from '../cells/wishes.ts';
import type { Tally } from './tally.ts';
import type { Topology } from './topology.ts';

/** Agents in groups that no rule of some topologies tells apart. */
export interface AlikeAgents {
  /** Group of each agent. */
  readonly groupOf: Int32Array;
  /** An agent of each group. */
  readonly some: readonly number[];
  /** 1 for groups whose agents may be taken. */
  readonly allowed: Uint8Array;
}

/** Groups agents that are in the same domain of each topology, and that are allowed alike. */
function alikeAgents(topologies: readonly Topology[], allowed: Uint8Array): AlikeAgents {
  let groupOf = Int32Array.from(allowed);
  let groups = 2;
  for (const { domainOf, size } of new Set(topologies)) {
    // Those in no domain are one more; groups are numbered anew, so that the product stays small.
    const known = new Map<number, number>();
    groupOf = groupOf.map((group, agent) => {
      const both = group * (size + 1) + domainOf[agent]! + 1;
      let number = known.get(both);
      if (number === undefined) known.set(both, (number = known.size));
      return number;
    });
    groups = known.size;
  }
  const some = Array.from({ length: groups }, () => -1);
  groupOf.forEach((group, agent) => {
    if (some[group]! < 0) some[group] = agent;
  });
  return { groupOf, some, allowed: Uint8Array.from(some, (agent) => allowed[agent] ?? 0) };
}

/** Of kube-scheduler's default profile, for both. */
const RULE_WEIGHT = 2;

/** A wish to be near the Pods of a tally, or far from them when the weight is negative. */
interface NearWish {
  readonly tally: Tally;
  readonly weight: number;
}

/** A wish to be where few Pods of a tally are. */
interface SoftSpread {
  readonly tally: Tally;
  readonly maxSkew: number;
  /** Agents that lack the label do not come last for that. */
  readonly lenient: boolean;
}

/**
 * What other Pods make of the agents that a row may take, as long as it is asked anew: wishes to be near or far, and to
 * be spread. Agents in the same domains get the same, so that it is worked out once for all of them.
 */
export class RuleWishes {
  readonly alike: AlikeAgents;
  /** By wish; the values by the group of an agent. */
  readonly parts: readonly Wish[];
  /** 1 for groups whose values the last refresh changed. */
  readonly changed: Uint8Array;
  /** What a part comes to, before it is compared with what it was. */
  readonly #next: Float64Array;
  readonly #near: readonly NearWish[];
  readonly #spread: readonly SoftSpread[];
  /** Of the logarithms that spreading weighs counts by. */
  readonly #weights: readonly number[];

  /** @param allowed 1 for the agents that the row may take */
  constructor(near: readonly NearWish[], spread: readonly SoftSpread[], allowed: Uint8Array) {
    this.#near = near;
    this.#spread = spread;
    this.#weights = spread.map(({ tally }) => Math.log((tally.scope?.domains.length ?? 0) + 2));
    this.alike = alikeAgents(
      [...near, ...spread].map(({ tally }) => tally.topology),
      allowed,
    );
    const wishes = (near.length > 0 ? 1 : 0) + (spread.length > 0 ? 1 : 0);
    const size = this.alike.some.length;
    this.parts = Array.from({ length: wishes }, () => ({
      values: new Float64Array(size),
      weight: RULE_WEIGHT,
    }));
    this.changed = new Uint8Array(size);
    this.#next = new Float64Array(size);
    this.refresh();
  }

  /** Brings the values to what the tallies are now. */
  refresh(): void {
    this.changed.fill(0);
    if (this.#near.length > 0) this.#set(this.parts[0]!.values, this.#standing());
    if (this.#spread.length > 0) this.#set(this.parts.at(-1)!.values, this.#spreading());
  }

  #set(values: Float64Array, next: Float64Array): void {
    for (let g = 0; g < values.length; g++) {
      if (values[g] === next[g]) continue;
      values[g] = next[g]!;
      this.changed[g] = 1;
    }
  }

  /** The wishes agent by agent. */
  byAgent(): Wish[] {
    const { groupOf } = this.alike;
    return this.parts.map(({ values, weight }) => ({
      values: Float64Array.from(groupOf, (group) => values[group]!),
      weight,
    }));
  }

  /** The wish to be near some Pods and far from others: the sum of weights, stretched to 0..1000. */
  #standing(): Float64Array {
    const values = this.#next;
    const { some, allowed } = this.alike;
    for (let g = 0; g < values.length; g++) {
      let sum = 0;
      for (const { tally, weight } of this.#near) sum += weight * tally.near(some[g]!);
      values[g] = sum;
    }
    const { least, most } = rangeOf(values, allowed);
    const span = most - least;
    for (let g = 0; g < values.length; g++)
      values[g] = span > 0 ? ((values[g]! - least) / span) * MAX_SCORE : 0;
    return values;
  }

  /**
   * The wish to be where few Pods of the kind are, by all constraints together. Domains of a small topology hold more of
   * them each: counts are weighed by the logarithm of the number of domains, as kube-scheduler does. Agents that lack a
   * label come last.
   */
  #spreading(): Float64Array {
    const values = this.#next;
    const { some, allowed } = this.alike;
    const counts = new Uint8Array(values.length);
    for (let g = 0; g < values.length; g++) {
      let cost = 0;
      let covered = allowed[g] === 1;
      for (let r = 0; r < this.#spread.length; r++) {
        const { tally, maxSkew, lenient } = this.#spread[r]!;
        const covers = tally.covers(some[g]!);
        if (covers) cost = cost + tally.near(some[g]!) * this.#weights[r]! + maxSkew - 1;
        covered &&= covers || lenient;
      }
      values[g] = Math.round(cost);
      counts[g] = covered ? 1 : 0;
    }
    const { least, most } = rangeOf(values, counts);
    for (let g = 0; g < values.length; g++) {
      const value = most === 0 ? MAX_SCORE : ((most + least - values[g]!) / most) * MAX_SCORE;
      values[g] = counts[g] === 1 ? value : 0;
    }
    return values;
  }
}

/** Least and greatest value among those that count; infinite when none does. */
function rangeOf(values: Float64Array, counts: Uint8Array): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let g = 0; g < values.length; g++) {
    if (counts[g] === 0) continue;
    least = Math.min(least, values[g]!);
    most = Math.max(most, values[g]!);
  }
  return { least, most };
}
