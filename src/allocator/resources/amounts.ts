import type { Counted } from './resource-bundle.ts';

/**
 * Adds to one of the amounts by column; those that are not there yet are zero. The array is kept without holes, so
 * that it stays one of plain doubles and adding allocates nothing.
 */
export function addAt(amounts: number[], column: number, amount: number): void {
  while (amounts.length <= column) amounts.push(0);
  amounts[column] = amounts[column]! + amount;
}

/** Sums of items by column, of every kind. */
export function sumsOf(items: readonly Counted[], sums: number[] = []): number[] {
  for (const { kind, amount } of items) addAt(sums, kind.column, amount);
  return sums;
}
