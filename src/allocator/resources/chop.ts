import { mix32, word32 } from '../../lib/prng.ts';
import type { Item } from './resource-bundle.ts';
import { rangesItem, scalarItem, setItem } from './resource-bundle.ts';
import { rangesFirst } from './ranges.ts';

/**
 * Cuts scalars down to amounts by column. Something that only comes whole and is larger than what is left is
 * dropped, not cut, so the order in which several of one name are tried matters: it is drawn by lot.
 * @param left what may be taken, undefined = `absent`; reduced by what was taken
 * @param absent what may be taken of a column that `left` does not name: 0, or Infinity
 * @param lot names the draw
 * @returns the taken items, in the order of the given ones
 */
export function chop(
  items: readonly Item[],
  left: (number | undefined)[],
  absent: number,
  lot: number,
): Item[] {
  const taken: (Item | null)[] = items.map(() => null);
  for (const index of drawnOrder(items, lot)) {
    const item = items[index]!;
    const { column, whole } = item.kind;
    const room = left[column] ?? absent;
    if (room <= 0) continue;
    if (item.amount <= room) {
      taken[index] = item;
      left[column] = room - item.amount;
    } else if (!whole) {
      taken[index] = scalarItem(item.kind, room);
      left[column] = 0;
    }
  }
  return taken.filter((item) => item !== null);
}

/**
 * The first part of an item: so much of a scalar, so many thousands of whole numbers or members of ranges and sets.
 * @param amount over 0, at most the item's
 */
export function firstOf(item: Item, amount: number): Item {
  if (amount === item.amount) return item;
  const count = Math.floor(amount / 1000);
  if (item.ranges !== null) return rangesItem(item.kind, rangesFirst(item.ranges, count));
  if (item.members !== null) return setItem(item.kind, item.members.slice(0, count));
  return scalarItem(item.kind, amount);
}

/** Indexes of the items as they are tried: as they stand, unless some come only whole. */
function drawnOrder(items: readonly Item[], lot: number): Iterable<number> {
  if (!items.some(({ kind }) => kind.whole)) return items.keys();
  const draws = items.map((item) => drawOf(item, lot));
  return [...items.keys()].sort((a, b) => draws[a]! - draws[b]! || a - b);
}

/** The lot that an item draws: the less comes first. */
const drawOf = (item: Item, lot: number): number => mix32(mix32(lot, word32(item.kind.label)), item.amount);
