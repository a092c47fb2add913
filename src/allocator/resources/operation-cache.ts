const BITS = 13;
const SIZE = 1 << BITS;

/**
 * Remembers the latest results of an operation on two numbered operands, a fixed count of them (direct-mapped:
 * a newer result takes the place of an older one whose operands fall together with its own).
 */
export class OperationCache<T> {
  readonly #left = new Float64Array(SIZE).fill(-1);
  readonly #right = new Float64Array(SIZE).fill(-1);
  readonly #results: (T | undefined)[] = Array.from({ length: SIZE });

  get(left: number, right: number): T | undefined {
    const slot = slotOf(left, right);
    return this.#left[slot] === left && this.#right[slot] === right ? this.#results[slot] : undefined;
  }

  set(left: number, right: number, result: T): void {
    const slot = slotOf(left, right);
    this.#left[slot] = left;
    this.#right[slot] = right;
    this.#results[slot] = result;
  }
}

const slotOf = (left: number, right: number): number =>
  Math.imul(Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b), 0xc2b2ae35) >>> (32 - BITS);
