import type { Amounts, ResourceColumns } from '../snapshot/resources.ts';

/** Adds amounts to a row, so many times. A resource without a column is left out: no node has any of it. */
export function addAmounts(
  row: Float64Array,
  amounts: Amounts,
  times: number,
  columns: ResourceColumns,
): void {
  for (const name in amounts) {
    const column = columns.get(name);
    if (column !== undefined) row[column]! += times * amounts[name]!;
  }
}

/** A row of amounts, all 0, with room for the shared column. */
export const newRow = ({ names }: ResourceColumns): Float64Array => new Float64Array(names.length + 1);
