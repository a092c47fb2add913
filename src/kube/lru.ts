/** A map that forgets what was not touched for longest when it is full. */
export class Lru<V> {
  readonly #map = new Map<string, V>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of values held. */
  get size(): number {
    return this.#map.size;
  }

  /** The value of a key, which counts as a touch. */
  get(key: string): V | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }

  /** Holds a value; returns what was forgotten for it, if anything. */
  set(key: string, value: V): V | undefined {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#capacity) return undefined;
    const oldest = this.#map.entries().next();
    if (oldest.done) return undefined;
    this.#map.delete(oldest.value[0]);
    return oldest.value[1];
  }
}
