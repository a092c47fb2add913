import { sumsOf } from './amounts.ts';
import { firstOf } from './chop.ts';
import { Resources, type Item } from './resource-bundle.ts';
import { columnOf } from './resource-kind.ts';

/** How scalars are cut so that what is taken and what is left are of one shape. */
export interface EvenCut {
  /** Of everything; under 1. */
  readonly part: number;
  /** What may be taken, by column. */
  readonly amounts: readonly number[];
}

const GPUS = columnOf('gpus');
/** Far under a thousandth, far over the error of a product of a fraction and an amount. */
const EPSILON = 1e-6;

/**
 * Where only a part of some scalar may be taken, the least such part is taken of all of them, so that no memory or port
 * is left without a CPU to use it with, or the other way round.
 * @param most what may be taken of a column @param exempt whether a column has no say in how large the part is
 * @returns null when all may be taken
 */
export function evenCut(
  items: readonly Item[],
  most: (column: number) => number,
  exempt: (column: number) => boolean,
): EvenCut | null {
  const all = sumsOf(items);
  const parts = all.map((amount, column) =>
    amount === 0 || exempt(column) ? 1 : Math.min(1, most(column) / amount),
  );
  const part = Math.min(1, ...parts);
  if (part === 1) return null;
  const amounts = all.map((amount, column) =>
    column === GPUS
      ? wholes(Math.min(most(column), wholesOf(amount, part)))
      : Math.min(most(column), partOf(amount, part)),
  );
  return { part, amounts };
}

/** Cuts the unreserved ranges and sets of a bundle to a part, of which one stays: a task may need it, however small it is. */
export function cutUnmeasured(resources: Resources, part: number): Resources {
  if (part === 1) return resources;
  return Resources.of(
    resources.items.flatMap((item) => {
      if (item.kind.type === 'scalar' || item.kind.reservedTo !== '') return [item];
      const amount = wholesOf(item.amount, part);
      return amount === 0 ? [] : [firstOf(item, amount)];
    }),
  );
}

const partOf = (amount: number, part: number): number => Math.floor(amount * part + EPSILON);

/** As many whole ones as there are in the part of an amount, one at least; none of no part. */
const wholesOf = (amount: number, part: number): number =>
  part === 0 ? 0 : Math.max(1000, wholes(amount * part));

const wholes = (amount: number): number => Math.floor((amount + EPSILON) / 1000) * 1000;
