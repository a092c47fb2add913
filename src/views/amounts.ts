import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { formatAmount, type ResourceColumns } from '../snapshot/resources.ts';

/** Amounts as people write them, by resource name. */
export type AmountTexts = Readonly<Record<string, string>>;

/** One row of a matrix with R columns, in words, but for what no node has. @param keep which amounts are worth showing */
export function amountTexts(
  row: Float64Array,
  columns: ResourceColumns,
  keep: (amount: number) => boolean = () => true,
): AmountTexts {
  const out: Record<string, string> = {};
  columns.names.forEach((name, r) => {
    if (keep(row[r]!)) out[name] = formatAmount(name, row[r]!);
  });
  return out;
}

/** What one task of the first class of matrices asks for, what no node has included. */
export function demandTexts({ demand, classes }: Matrices, { columns }: Snapshot): AmountTexts {
  const { demand: asked } = classes[0]!.shape;
  const names = Array.from({ length: columns.count }, (_, r) => r)
    .filter((r) => demand[r]! > 0)
    .flatMap((r) => columns.namesIn(asked, r));
  return Object.fromEntries(names.map((name) => [name, formatAmount(name, asked[name]!)]));
}
