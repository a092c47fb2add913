/**
 * Sets of whole numbers as ascending, disjoint, not adjacent intervals, flat: [begin, end, begin, end, ...],
 * both ends included. How ports are kept.
 */
export type Ranges = readonly number[];

/** Any intervals as {@link Ranges}. @param pairs [begin, end] with begin <= end, in any order, may overlap */
export function rangesOf(pairs: readonly (readonly [number, number])[]): Ranges {
  const sorted = pairs.toSorted((a, b) => a[0] - b[0]);
  const flat: number[] = [];
  for (const [begin, end] of sorted) {
    const last = flat.length - 1;
    if (last > 0 && begin <= flat[last]! + 1) flat[last] = Math.max(flat[last]!, end);
    else flat.push(begin, end);
  }
  return flat;
}

/** How many numbers they hold. */
export function rangesSize(ranges: Ranges): number {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += ranges[i + 1]! - ranges[i]! + 1;
  return size;
}

/** The first so many numbers. */
export function rangesFirst(ranges: Ranges, count: number): Ranges {
  const first: number[] = [];
  let left = count;
  for (let i = 0; i < ranges.length && left > 0; i += 2) {
    const begin = ranges[i]!;
    const end = Math.min(ranges[i + 1]!, begin + left - 1);
    first.push(begin, end);
    left -= end - begin + 1;
  }
  return first;
}

export function rangesUnion(a: Ranges, b: Ranges): Ranges {
  const pairs: [number, number][] = [];
  for (const ranges of [a, b]) {
    for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  }
  return rangesOf(pairs);
}

/** The numbers of a that b does not hold. */
export function rangesMinus(a: Ranges, b: Ranges): Ranges {
  const left: number[] = [];
  let other = 0;
  for (let i = 0; i < a.length; i += 2) {
    let begin = a[i]!;
    const end = a[i + 1]!;
    while (other < b.length && b[other + 1]! < begin) other += 2;
    let at = other;
    while (at < b.length && b[at]! <= end && begin <= end) {
      if (b[at]! > begin) left.push(begin, b[at]! - 1);
      begin = b[at + 1]! + 1;
      at += 2;
    }
    if (begin <= end) left.push(begin, end);
  }
  return left;
}

/** Whether a holds every number of b. */
export function rangesContain(a: Ranges, b: Ranges): boolean {
  let at = 0;
  for (let i = 0; i < b.length; i += 2) {
    while (at < a.length && a[at + 1]! < b[i]!) at += 2;
    if (at >= a.length || a[at]! > b[i]! || a[at + 1]! < b[i + 1]!) return false;
  }
  return true;
}
