/** Longest list that is read, characters: ours are shorter by far. */
const LONGEST = 1_000_000;

/**
 * Whole numbers from 0 as ranges: it costs what there are gaps between them, and not what there are numbers. Never changed;
 * as text it is `0-3,7`.
 */
export class Ranges {
  static readonly NONE = new Ranges([]);
  /** First and last of each range in turn, ascending, with a gap between two. */
  readonly #bounds: readonly number[];
  readonly size: number;

  private constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    let size = 0;
    for (let at = 0; at < bounds.length; at += 2) size += bounds[at + 1]! - bounds[at]! + 1;
    this.size = size;
  }

  /** Reads a text. What is no range, stands out of order, or is `limit` or more, is left out. */
  static read(text: string, limit: number): Ranges {
    const bounds: number[] = [];
    for (const part of text.slice(0, LONGEST).split(',')) {
      const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
      if (first === undefined) continue;
      const [from, to] = [Number(first), Math.min(Number(last), limit - 1)];
      const before = bounds.at(-1) ?? -2;
      if (from > to || from <= before) continue;
      if (from === before + 1) bounds[bounds.length - 1] = to;
      else bounds.push(from, to);
    }
    return new Ranges(bounds);
  }

  has(number: number): boolean {
    return (this.#before(number) & 1) === 1;
  }

  /** With more numbers, in any order; itself when it has all of them. */
  with(numbers: Iterable<number>): Ranges {
    const fresh = [...numbers].filter((each) => each >= 0 && !this.has(each)).sort((a, b) => a - b);
    if (fresh.length === 0) return this;
    const bounds: number[] = [];
    const put = (from: number, to: number): void => {
      if (bounds.length > 0 && from <= bounds.at(-1)! + 1)
        bounds[bounds.length - 1] = Math.max(bounds.at(-1)!, to);
      else bounds.push(from, to);
    };
    let next = 0;
    for (let at = 0; at < this.#bounds.length; at += 2) {
      const from = this.#bounds[at]!;
      for (; next < fresh.length && fresh[next]! < from; next++) put(fresh[next]!, fresh[next]!);
      put(from, this.#bounds[at + 1]!);
    }
    for (; next < fresh.length; next++) put(fresh[next]!, fresh[next]!);
    return new Ranges(bounds);
  }

  /** The first number that it has not, from a number on. */
  firstMissing(from: number): number {
    const before = this.#before(from);
    return (before & 1) === 1 ? this.#bounds[before]! + 1 : from;
  }

  /** All of them, ascending: as many as there are. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at < this.#bounds.length; at += 2)
      for (let number = this.#bounds[at]!; number <= this.#bounds[at + 1]!; number++) yield number;
  }

  toString(): string {
    const parts: string[] = [];
    for (let at = 0; at < this.#bounds.length; at += 2) {
      const [from, to] = [this.#bounds[at]!, this.#bounds[at + 1]!];
      parts.push(from === to ? `${from}` : `${from}-${to}`);
    }
    return parts.join(',');
  }

  /** How many bounds stand before a number, its own last one not among them: odd when it is within a range. */
  #before(number: number): number {
    let [low, high] = [0, this.#bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      // The first of a range belongs to it, and so does the last.
      if (this.#bounds[middle]! + (middle & 1) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
