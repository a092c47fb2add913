import { MAX_AMOUNT } from '../lib/quantity.ts';
import { listed } from '../lib/bounded-text.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { affinityExclusion, repellingTaint } from '../snapshot/constraints.ts';
import { formatAmount } from '../snapshot/resources.ts';
import { fitsEmpty, isShort } from './cells/capacity.ts';
import type { Matrices } from './matrices.ts';

/** Where there is most of a column that a task finds too little of. */
export interface Nearest {
  /** What is free of it. */
  readonly most: number;
  readonly agent: string;
  /** Names of the resources that the task asks for by this column. */
  readonly names: readonly string[];
}

/**
 * Says what a task needs and finds too little of: how much there is of it, that no node will ever do, or the taint of a
 * node that would.
 * @param row of its class in the matrices
 * @param allowed agents on which it may live
 * @param nearest by column
 */
export function needsInWords(
  snapshot: Snapshot,
  matrices: Matrices,
  row: number,
  allowed: readonly number[],
  nearest: ReadonlyMap<number, Nearest>,
): string {
  const { columns } = snapshot;
  const { demand } = matrices.classes[row]!.shape;
  const taints = new Set<string>();
  let isTooLarge = false;
  const lacks = [...nearest].flatMap(([column, { names, most, agent }]) =>
    names.map((name) => ({ name, column, most, agent })),
  );
  const needs = listed(lacks, '; ', ({ name, column, most, agent }) => {
    const say = (amount: number): string => formatAmount(name, amount);
    const asked = matrices.demand[row * columns.count + column]!;
    const usable = largestOf(snapshot, column, allowed);
    const any = largestOf(snapshot, column);
    const need = `needs ${say(demand[name]!)}${asked === MAX_AMOUNT ? ' or more' : ''} ${name}`;
    if (!isShort(usable, asked)) return `${need}, most free is ${say(most)} on ${agent}`;
    isTooLarge = true;
    for (const note of hiddenByTaints(snapshot, matrices, row, column, name)) taints.add(note);
    const [nodes, largest] = !isShort(any, asked) ? ['no node that it may use', usable] : ['no node', any];
    return largest === 0
      ? `${need}, ${nodes} has any`
      : `${need}, ${nodes} is that large (largest ${say(largest)})`;
  });
  const apart = isTooLarge || fitsEmpty(snapshot, matrices, row) ? [] : ['no node has all of that'];
  return [needs, ...apart, ...taints].join('; ');
}

/** The most of a column that one of some agents has when it is empty; of all agents when left out. */
function largestOf(
  { agents, allocatable, columns }: Snapshot,
  column: number,
  some?: readonly number[],
): number {
  const R = columns.count;
  let largest = 0;
  for (let at = 0; at < (some ?? agents).length; at++)
    largest = Math.max(largest, allocatable[(some ? some[at]! : at) * R + column]!);
  return largest;
}

/** The taints that keep a class from agents which are large enough in a column, with how many agents. */
function hiddenByTaints(
  { agents, allocatable, columns }: Snapshot,
  { demand, classes, allowed, n }: Matrices,
  row: number,
  column: number,
  name: string,
): string[] {
  const { constraints } = classes[row]!.shape;
  const nodes = new Map<string, number>();
  agents.forEach((agent, i) => {
    if (allowed[row * n + i] === 1) return;
    const taint = repellingTaint(constraints, agent);
    const isLarge = !isShort(allocatable[i * columns.count + column]!, demand[row * columns.count + column]!);
    if (!taint || !isLarge || agent.unschedulable || affinityExclusion(constraints, agent)) return;
    const words = `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
    nodes.set(words, (nodes.get(words) ?? 0) + 1);
  });
  return Array.from(nodes, ([taint, count]) => {
    const have = count === 1 ? 'node has' : 'nodes have';
    return `${count} ${have} ${name} but a taint ${taint} that the Pod does not tolerate`;
  });
}
