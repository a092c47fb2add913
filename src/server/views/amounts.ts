import { formatAmount, type ResourceColumns } from '../../snapshot/resources.ts';

/** Amounts as people write them, by resource name. */
export type AmountTexts = Readonly<Record<string, string>>;

/** One row of a matrix with R columns, in words. @param keep which amounts are worth showing */
export function amountTexts(
  row: Int32Array | Float64Array,
  columns: ResourceColumns,
  keep: (amount: number) => boolean = () => true,
): AmountTexts {
  const out: Record<string, string> = {};
  columns.names.forEach((name, r) => {
    if (keep(row[r]!)) out[name] = formatAmount(name, row[r]!);
  });
  return out;
}
