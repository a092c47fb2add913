/**
 * Dominant shares: max over resources of held / cluster total, divided by the weight.
 * Source: Ghodsi et al., "Dominant Resource Fairness" (NSDI 2011), section 4; Mesos master/allocator/mesos/sorter/drf.
 */
import { PODS_COLUMN } from '../snapshot/resources.ts';

/** Columns that count in shares: all that the cluster has, but for the number of Pods, which nobody pays for. */
function counts(column: number, total: Float64Array): boolean {
  return column !== PODS_COLUMN && total[column]! > 0;
}

/**
 * Dominant share after `tasks` more tasks of one class.
 * @param held R amounts @param demand D, k x R @param j class, its row of D
 */
export function shareAfter(
  held: Float64Array,
  demand: Int32Array,
  j: number,
  tasks: number,
  total: Float64Array,
  weight: number,
): number {
  let share = 0;
  const R = total.length;
  for (let r = 0; r < R; r++) {
    if (!counts(r, total)) continue;
    const part = (held[r]! + tasks * demand[j * R + r]!) / total[r]!;
    if (part > share) share = part;
  }
  return share / weight;
}

/** Dominant share of what is held now. */
export function dominantShare(held: Float64Array, total: Float64Array, weight: number): number {
  let share = 0;
  for (let r = 0; r < total.length; r++) {
    if (counts(r, total) && held[r]! / total[r]! > share) share = held[r]! / total[r]!;
  }
  return share / weight;
}

/** Column of the dominant resource, or undefined when nothing is held. */
export function dominantColumn(held: Float64Array, total: Float64Array): number | undefined {
  let best: number | undefined;
  let share = 0;
  for (let r = 0; r < total.length; r++) {
    if (counts(r, total) && held[r]! / total[r]! > share) {
      share = held[r]! / total[r]!;
      best = r;
    }
  }
  return best;
}
