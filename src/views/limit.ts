/** How much of a list a view shows. */
export interface Shown {
  readonly shown: number;
  readonly total: number;
}

/** The first `limit` items, and how many there were. */
export function limited<T>(
  items: readonly T[],
  limit: number,
): { readonly items: readonly T[]; readonly count: Shown } {
  const kept = items.slice(0, limit);
  return { items: kept, count: { shown: kept.length, total: items.length } };
}

/** A view was asked for something that the snapshot does not have; the message says what. */
export class NotInSnapshot extends Error {}
