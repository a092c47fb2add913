import { MAX_SCORE } from '../priority.ts';
import type { Wish } from '../wishes.ts';
import type { Tally } from './tally.ts';

/** Of kube-scheduler's default profile, for both. */
const RULE_WEIGHT = 2;

/** Least and greatest value among the agents that are allowed; infinite when none is. */
function rangeOf(values: Float64Array, allowed: (agent: number) => boolean): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (!allowed(i)) continue;
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  return { least, most };
}

/** The wish to be near some Pods and far from others: the sum of weights, stretched to 0..1000. */
export function standingWish(
  wishes: readonly { readonly tally: Tally; readonly weight: number }[],
  allowed: Uint8Array,
): Wish {
  const sums = Float64Array.from(allowed, (_, i) =>
    wishes.reduce((sum, { tally, weight }) => sum + weight * tally.near(i), 0),
  );
  const { least, most } = rangeOf(sums, (i) => allowed[i] === 1);
  const span = most - least;
  return {
    values: sums.map((sum) => (span > 0 ? ((sum - least) / span) * MAX_SCORE : 0)),
    weight: RULE_WEIGHT,
  };
}

/**
 * The wish to be where few Pods of the kind are, by all constraints together. Domains of a small topology hold more of
 * them each: counts are weighed by the logarithm of the number of domains, as kube-scheduler does. Agents that
 * lack a label come last.
 */
export function spreadWish(
  rules: readonly { readonly tally: Tally; readonly maxSkew: number }[],
  allowed: Uint8Array,
): Wish {
  const counts = (i: number) => allowed[i] === 1 && rules.every(({ tally }) => tally.covers(i));
  const weights = rules.map(({ tally }) => Math.log((tally.scope?.domains.length ?? 0) + 2));
  const costs = Float64Array.from(allowed, (_, i) =>
    Math.round(
      rules.reduce((sum, { tally, maxSkew }, r) => sum + tally.near(i) * weights[r]! + maxSkew - 1, 0),
    ),
  );
  const { least, most } = rangeOf(costs, counts);
  const value = (cost: number) => (most === 0 ? MAX_SCORE : ((most + least - cost) / most) * MAX_SCORE);
  return { values: costs.map((cost, i) => (counts(i) ? value(cost) : 0)), weight: RULE_WEIGHT };
}
