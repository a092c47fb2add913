import { Prng } from '../../../src/lib/prng.ts';

/** Random choices that the same seed repeats. */
export class Draw {
  readonly #prng: Prng;

  constructor(...keys: readonly number[]) {
    this.#prng = new Prng(...keys);
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return this.#prng.below(bound);
  }

  /** True in `percent` of the draws. */
  chance(percent: number): boolean {
    return this.#prng.below(100) < percent;
  }

  one<T>(items: readonly T[]): T {
    return items[this.#prng.below(items.length)]!;
  }

  /** Between `least` and `most` different items. */
  some<T>(items: readonly T[], least: number, most: number): T[] {
    const left = [...items];
    const count = least + this.#prng.below(most - least + 1);
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [item] = left.splice(this.#prng.below(left.length), 1) as [T];
      return item;
    });
  }

  /** So many things. */
  times<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }
}
