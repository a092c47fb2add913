import type { Bundle, Counted } from './resource-bundle.ts';
import type { CountedKind } from './resource-kind.ts';

/** What accounts see of a column that is not reserved, by column. */
const PLAIN: CountedKind[] = [];

const kindOf = (column: number, reservedTo: string): CountedKind => ({
  id: column,
  column,
  type: 'scalar',
  shared: false,
  plain: reservedTo === '',
  reservedTo,
});

/**
 * Amounts in the columns of a snapshot as accounts and quota count them: under the same numbers, in the same units. Those
 * of nothing are left out.
 * @param reservedTo path of a role, '' = nobody
 */
export function bundleOf(amounts: ArrayLike<number>, reservedTo = ''): Bundle {
  const items: Counted[] = [];
  for (let column = 0; column < amounts.length; column++) {
    const amount = amounts[column]!;
    if (amount === 0) continue;
    const kind = reservedTo === '' ? (PLAIN[column] ??= kindOf(column, '')) : kindOf(column, reservedTo);
    items.push({ kind, amount });
  }
  return { items };
}
