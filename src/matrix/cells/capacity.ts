import { MAX_AMOUNT } from '../../lib/quantity.ts';
import type { DemandClass } from '../../snapshot/framework.ts';
import type { SpanNeeds } from '../../snapshot/port-ranges.ts';
import type { NodePorts } from '../../snapshot/ports.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';

/** Whether there is too little for one task. A demand that has saturated may be any amount, so that nothing is known to hold it. */
export const isShort = (free: number, need: number): boolean => need > free || need === MAX_AMOUNT;

/** The most tasks that A counts: so many fit where nothing bounds them. */
export const MOST_TASKS = 0x7fff_ffff;

/**
 * One cell of A: how many more tasks of a class an agent can take by resources, the minimum over the columns of
 * floor(S[i][r] / D[j][r]). Columns that the class does not ask for do not count.
 * @param supply S, n x R @param demand D, k x R @param i agent @param j class
 */
export function fitByResources(
  supply: Float64Array,
  demand: Float64Array,
  i: number,
  j: number,
  R: number,
): number {
  let fit = MOST_TASKS;
  const s = i * R;
  const d = j * R;
  for (let r = 0; r < R; r++) {
    const need = demand[d + r]!;
    if (need === 0) continue;
    if (need === MAX_AMOUNT) return 0;
    const times = Math.trunc(supply[s + r]! / need);
    if (times < fit) fit = times;
  }
  return fit;
}

/** Whether one task of a row would have room on some agent that its constraints allow, were that agent empty. */
export function fitsEmpty(
  { allocatable, columns }: Snapshot,
  { demand, allowed, n }: { readonly demand: Float64Array; readonly allowed: Uint8Array; readonly n: number },
  row: number,
): boolean {
  for (let i = 0; i < n; i++) {
    if (allowed[row * n + i] === 1 && fitByResources(allocatable, demand, i, row, columns.count) > 0)
      return true;
  }
  return false;
}

/**
 * How many tasks of the class the agent's host ports allow: fixed ports at most one, dynamic ones by number.
 * @param picks what others will pick
 */
export function fitByPorts({ shape }: DemandClass, ports: NodePorts, picks?: SpanNeeds): number {
  const needs = ports.ranges.needs(shape.dynamicPorts);
  if (shape.fixedPorts.length === 0) return ports.fit(needs, picks);
  if (ports.clashesWith(shape.fixedPorts)) return 0;
  return Math.min(1, ports.fit(needs, picks, shape.fixedPorts));
}
