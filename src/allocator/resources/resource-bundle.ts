import { OperationCache } from './operation-cache.ts';
import { rangesContain, rangesMinus, rangesSize, rangesUnion, type Ranges } from './ranges.ts';
import { withReservations, type CountedKind, type Kind } from './resource-kind.ts';

/** An amount as accounts and quota see it. */
export interface Counted {
  readonly kind: CountedKind;
  /** Thousandths for scalars (3 decimals, exact); a thousand per number or member for ranges and sets. In columns of a snapshot: its units. */
  readonly amount: number;
}

/** An amount of one kind. */
export interface Item extends Counted {
  readonly kind: Kind;
  readonly ranges: Ranges | null;
  /** Members of a set, ascending. */
  readonly members: readonly string[] | null;
}

export const scalarItem = (kind: Kind, amount: number): Item => ({
  kind,
  amount,
  ranges: null,
  members: null,
});
export const rangesItem = (kind: Kind, ranges: Ranges): Item => ({
  kind,
  amount: rangesSize(ranges) * 1000,
  ranges,
  members: null,
});
export const setItem = (kind: Kind, members: readonly string[]): Item => ({
  kind,
  amount: members.length * 1000,
  ranges: null,
  members,
});

/** Any list of amounts, as far as sums are concerned. */
export interface Bundle {
  readonly items: readonly Counted[];
}

/** What a bundle holds, as bits of {@link Resources.flags}. */
export const Holds = {
  plain: 1,
  reserved: 2,
  revocable: 4,
  shared: 8,
  /** Reserved by a stack of more than one reservation. */
  refined: 16,
  /** Ranges or sets. */
  unmeasured: 32,
  /** Plain scalars that can't be cut. */
  wholePlain: 64,
} as const;

function flagsOf(kind: Kind): number {
  return (
    (kind.plain ? Holds.plain : 0) |
    (kind.reservations.length > 0 ? Holds.reserved : 0) |
    (kind.reservations.length > 1 ? Holds.refined : 0) |
    (kind.revocable ? Holds.revocable : 0) |
    (kind.shared ? Holds.shared : 0) |
    (kind.type === 'scalar' ? 0 : Holds.unmeasured) |
    (kind.plain && kind.whole ? Holds.wholePlain : 0)
  );
}

const before = (a: Item, b: Item): number => {
  if (a.kind !== b.kind) return a.kind.sortKey < b.kind.sortKey ? -1 : 1;
  return a.amount - b.amount;
};

const keyOf = (items: readonly Item[]): string => {
  let key = '';
  for (const item of items) {
    key += `${item.kind.id}:`;
    if (item.ranges !== null) key += `${item.ranges.join(' ')};`;
    else key += item.members === null ? `${item.amount};` : `${JSON.stringify(item.members)};`;
  }
  return key;
};

/** Bundles kept for reuse; past this many the table starts anew (bundles stay valid, equal ones are just not shared). */
const TABLE_LIMIT = 1 << 17;

/**
 * An immutable bundle of resources with the arithmetic of Mesos: scalars have 3 exact decimals, subtraction never
 * leaves less than nothing, whole things (mounted disks, volumes) are never cut or merged, and the copies of a
 * shared thing are counted one by one. Equal bundles are mostly one object, so that equality is cheap.
 */
export class Resources implements Bundle {
  /** Ascending by kind; no two mergeable items of one kind. */
  readonly items: readonly Item[];
  /** Union of {@link Holds} over the items. */
  readonly flags: number;
  /** Unlike that of every other bundle object. */
  readonly id: number;
  #unreserved: Resources | null = null;
  #plain: Resources | null = null;

  static #made = 0;
  static readonly #table = new Map<string, Resources>();
  static readonly #sums = new OperationCache<Resources>();
  static readonly #differences = new OperationCache<Resources>();
  static readonly #containments = new OperationCache<boolean>();
  static readonly empty = new Resources([]);

  private constructor(items: readonly Item[]) {
    this.items = items;
    let flags = 0;
    for (const item of items) flags |= flagsOf(item.kind);
    this.flags = flags;
    this.id = Resources.#made++;
  }

  /** @param items in any order, mergeable or not; those of no amount are dropped */
  static of(items: readonly Item[]): Resources {
    return Resources.#ordered(items.filter((item) => item.amount > 0).sort(before));
  }

  static #ordered(sorted: readonly Item[]): Resources {
    const merged: Item[] = [];
    for (const item of sorted) {
      const last = merged.at(-1);
      if (last !== undefined && last.kind === item.kind && !item.kind.whole) {
        merged[merged.length - 1] = mergeItems(last, item);
      } else merged.push(item);
    }
    return Resources.#shared(merged);
  }

  /** @param items ordered and merged, each of some amount */
  static #shared(items: readonly Item[]): Resources {
    if (items.length === 0) return Resources.empty;
    const key = keyOf(items);
    let bundle = Resources.#table.get(key);
    if (bundle === undefined) {
      if (Resources.#table.size >= TABLE_LIMIT) Resources.#table.clear();
      bundle = new Resources(items);
      Resources.#table.set(key, bundle);
    }
    return bundle;
  }

  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  plus(other: Resources): Resources {
    if (other.items.length === 0) return this;
    if (this.items.length === 0) return other;
    let sum = Resources.#sums.get(this.id, other.id);
    if (sum === undefined) {
      sum = Resources.#ordered(mergeSorted(this.items, other.items));
      Resources.#sums.set(this.id, other.id, sum);
    }
    return sum;
  }

  /** What is left without the other; what the other has and this one has not is ignored. */
  minus(other: Resources): Resources {
    if (other.items.length === 0 || this.items.length === 0) return this;
    if (other === this) return Resources.empty;
    let difference = Resources.#differences.get(this.id, other.id);
    if (difference === undefined) {
      difference = Resources.#shared(subtractItems(this.items, other.items));
      Resources.#differences.set(this.id, other.id, difference);
    }
    return difference;
  }

  contains(other: Resources): boolean {
    if (other === this || other.items.length === 0) return true;
    let contained = Resources.#containments.get(this.id, other.id);
    if (contained === undefined) {
      contained = containsItems(this.items, other.items);
      Resources.#containments.set(this.id, other.id, contained);
    }
    return contained;
  }

  equals(other: Resources): boolean {
    return this === other || keyOf(this.items) === keyOf(other.items);
  }

  /** Only the items that a test keeps; this bundle itself if it keeps all. */
  filter(keep: (kind: Kind) => boolean): Resources {
    const kept = this.items.filter((item) => keep(item.kind));
    return kept.length === this.items.length ? this : Resources.#shared(kept);
  }

  /** The same with the innermost reservation of everything undone. */
  withoutInnermost(): Resources {
    return Resources.of(
      this.items.map((item) => ({
        ...item,
        kind: withReservations(item.kind, item.kind.reservations.slice(0, -1)),
      })),
    );
  }

  /** Without everything reserved. */
  get unreserved(): Resources {
    if ((this.flags & Holds.reserved) === 0) return this;
    this.#unreserved ??= this.filter((kind) => kind.reservations.length === 0);
    return this.#unreserved;
  }

  /** Only plain scalars: neither reserved nor revocable. */
  get plain(): Resources {
    this.#plain ??= this.filter((kind) => kind.plain);
    return this.#plain;
  }

  /** Amount under a name, of every kind, in thousandths; copies of a shared thing count once. */
  amountOf(column: number): number {
    let sum = 0;
    let last: Kind | null = null;
    for (const { kind, amount } of this.items) {
      if (kind.column === column && !(kind.shared && kind === last)) sum += amount;
      last = kind;
    }
    return sum;
  }
}

function mergeItems(a: Item, b: Item): Item {
  if (a.ranges !== null && b.ranges !== null) return rangesItem(a.kind, rangesUnion(a.ranges, b.ranges));
  if (a.members !== null && b.members !== null) {
    return setItem(a.kind, [...new Set([...a.members, ...b.members])].sort());
  }
  return scalarItem(a.kind, a.amount + b.amount);
}

function mergeSorted(a: readonly Item[], b: readonly Item[]): Item[] {
  const merged: Item[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) merged.push(before(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!);
  while (i < a.length) merged.push(a[i++]!);
  while (j < b.length) merged.push(b[j++]!);
  return merged;
}

/** What is left of an item; null when nothing. */
function subtractItem(item: Item, other: Item): Item | null {
  if (item.ranges !== null) {
    const ranges = rangesMinus(item.ranges, other.ranges!);
    return ranges.length === 0 ? null : rangesItem(item.kind, ranges);
  }
  if (item.members !== null) {
    const members = item.members.filter((member) => !other.members!.includes(member));
    return members.length === 0 ? null : setItem(item.kind, members);
  }
  return item.amount > other.amount ? scalarItem(item.kind, item.amount - other.amount) : null;
}

function subtractItems(items: readonly Item[], others: readonly Item[]): Item[] {
  const left: (Item | null)[] = [...items];
  let from = 0;
  for (const other of others) {
    while (from < items.length && items[from]!.kind.sortKey < other.kind.sortKey) from++;
    for (let at = from; at < items.length && items[at]!.kind === other.kind; at++) {
      const item = left[at];
      if (item === null || item === undefined) continue;
      if (item.kind.whole && item.amount !== other.amount) continue;
      left[at] = item.kind.whole ? null : subtractItem(item, other);
      break;
    }
  }
  return left.filter((item) => item !== null);
}

function containsItems(items: readonly Item[], others: readonly Item[]): boolean {
  let at = 0;
  for (const other of others) {
    while (
      at < items.length &&
      (items[at]!.kind.sortKey < other.kind.sortKey ||
        (items[at]!.kind === other.kind && other.kind.whole && items[at]!.amount < other.amount))
    ) {
      at++;
    }
    const item = items[at];
    if (item === undefined || item.kind !== other.kind) return false;
    if (item.ranges !== null) {
      if (!rangesContain(item.ranges, other.ranges!)) return false;
    } else if (item.members !== null) {
      if (!other.members!.every((member) => item.members!.includes(member))) return false;
    } else if (item.kind.whole ? item.amount !== other.amount : item.amount < other.amount) return false;
    at++;
  }
  return true;
}
