import { canonicalJson } from '../lib/hash.ts';
import { isSameJson } from '../lib/same-json.ts';

/** How many values are remembered before it starts anew; clusters have tens, and some labels differ on every Pod. */
const MAX_VALUES = 10_000;

/** Gives equal values one object, so that many alike cost the memory of one and can be told by identity. */
export class Sharing<T> {
  readonly #known = new Map<string, T>();
  #last: T | undefined;

  /** The first value that was equal to this one. */
  share(value: T): T {
    // Lists and bursts bring those that are alike one after the other.
    if (this.#last !== undefined && isSameJson(this.#last, value)) return this.#last;
    const text = canonicalJson(value);
    const known = this.#known.get(text);
    this.#last = known ?? value;
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_VALUES) this.#known.clear();
    this.#known.set(text, value);
    return value;
  }
}
