import type { Counted } from '../resources/resource-bundle.ts';

/** Amounts by column. */
type Columns = ArrayLike<number | undefined>;

/** No columns. */
export const NONE: ReadonlySet<number> = new Set();

/**
 * Dominant share: the largest part of a total that is held, divided by the weight. Columns of which there is nothing
 * do not count.
 * Source: Ghodsi et al., "Dominant Resource Fairness" (NSDI 2011), section 4; Mesos' sorter.
 * @param excluded columns that do not count either
 */
export function dominantShare(
  held: Columns,
  totals: Columns,
  weight: number,
  excluded: ReadonlySet<number> = NONE,
): number {
  let share = 0;
  for (let column = 0; column < held.length; column++) {
    const amount = held[column];
    const total = totals[column];
    if (amount === undefined || total === undefined || total <= 0) continue;
    const part = amount / total;
    if (part > share && !excluded.has(column)) share = part;
  }
  return share / weight;
}

/** Column of the dominant resource, or undefined when nothing is held that counts. */
export function dominantColumn(
  held: Columns,
  totals: Columns,
  excluded: ReadonlySet<number> = NONE,
): number | undefined {
  let best: number | undefined;
  let share = 0;
  for (let column = 0; column < held.length; column++) {
    const total = totals[column] ?? 0;
    const part = total > 0 && !excluded.has(column) ? (held[column] ?? 0) / total : 0;
    if (part > share) {
      share = part;
      best = column;
    }
  }
  return best;
}

/**
 * How a share grows with allocations of one bundle. It agrees to the last bit with allocating first and computing the
 * share then: amounts are whole numbers, so that their sums are exact, and the same divisions follow.
 */
export class ShareGrowth {
  readonly #weight: number;
  /** Of what is held now, before the weight. */
  readonly #share: number;
  readonly #held: number[] = [];
  readonly #added: number[] = [];
  readonly #totals: number[] = [];

  constructor(
    held: Columns,
    items: readonly Counted[],
    totals: Columns,
    weight: number,
    excluded: ReadonlySet<number>,
  ) {
    this.#weight = weight;
    this.#share = dominantShare(held, totals, 1, excluded);
    const columns: number[] = [];
    for (const { kind, amount } of items) {
      const { column, type } = kind;
      const total = totals[column] ?? 0;
      if (type !== 'scalar' || total <= 0 || excluded.has(column)) continue;
      const at = columns.indexOf(column);
      if (at >= 0) {
        this.#added[at]! += amount;
        continue;
      }
      columns.push(column);
      this.#held.push(held[column] ?? 0);
      this.#added.push(amount);
      this.#totals.push(total);
    }
  }

  /** The share after so many allocations. */
  after(times: number): number {
    let share = this.#share;
    for (let i = 0; i < this.#held.length; i++) {
      const part = (this.#held[i]! + times * this.#added[i]!) / this.#totals[i]!;
      if (part > share) share = part;
    }
    return share / this.#weight;
  }
}
