import { nodePreference, unwantedTaints, type NodeTraits } from '../../snapshot/constraints.ts';
import type { DemandClass } from '../../snapshot/framework.ts';
import { MAX_SCORE } from './priority.ts';

/** A part of B beside fullness: what speaks for an agent, and how much that counts. */
export interface Wish {
  /** By agent, 0..1000, higher is better. */
  readonly values: Float64Array;
  /** Against fullness, which has 1. Those of kube-scheduler's default profile. */
  readonly weight: number;
}

const TAINT_WEIGHT = 3;
const AFFINITY_WEIGHT = 2;

/** Scales values to 0..1000 by the greatest; undefined when all are 0 and say nothing. */
function scaled(values: Float64Array, weight: number): Wish | undefined {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  if (most === 0) return undefined;
  return { values: values.map((value) => (value / most) * MAX_SCORE), weight };
}

/** What a class wishes of nodes as such: preferred node affinity, and none of the taints PreferNoSchedule. */
export function nodeWishes(
  { shape: { constraints } }: DemandClass,
  agents: readonly NodeTraits[],
  allowed: Uint8Array,
): Wish[] {
  const of = (value: (agent: NodeTraits) => number) =>
    Float64Array.from(agents, (agent, i) => (allowed[i] === 1 ? value(agent) : 0));
  const preferred =
    constraints.preferences.length > 0
      ? scaled(
          of((agent) => nodePreference(constraints, agent)),
          AFFINITY_WEIGHT,
        )
      : undefined;
  const tainted = agents.some(({ taints }) => taints.length > 0)
    ? scaled(
        of((agent) => unwantedTaints(constraints, agent)),
        TAINT_WEIGHT,
      )
    : undefined;
  const untainted = tainted && { ...tainted, values: tainted.values.map((value) => MAX_SCORE - value) };
  return [preferred, untainted].filter((wish) => wish !== undefined);
}

/**
 * The mean of fullness and all wishes for one agent: a whole number 0..1000, so that equal agents tie exactly.
 * @param shared wishes whose values are those of groups of agents @param group of the agent
 */
export function blend(
  fullness: number,
  wishes: readonly Wish[],
  agent: number,
  shared: readonly Wish[] = [],
  group = 0,
): number {
  if (wishes.length + shared.length === 0) return fullness;
  let sum = fullness;
  let weights = 1;
  for (const { values, weight } of wishes) {
    sum += weight * values[agent]!;
    weights += weight;
  }
  for (const { values, weight } of shared) {
    sum += weight * values[group]!;
    weights += weight;
  }
  return Math.round(sum / weights);
}
