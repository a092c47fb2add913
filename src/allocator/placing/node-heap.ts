/**
 * A binary min-heap of agent numbers ordered by (key, number). Keys live in one typed array, so that a thousand
 * agents cost two arrays and no objects.
 */
export class NodeHeap {
  readonly #items: Int32Array;
  readonly #keys: Float64Array;
  #size = 0;

  /** @param keys one key for each agent; the heap keeps and changes it */
  constructor(keys: Float64Array) {
    this.#keys = keys;
    this.#items = new Int32Array(keys.length);
  }

  /** Adds an agent without ordering; call heapify() when all are in. */
  append(agent: number): void {
    this.#items[this.#size++] = agent;
  }

  heapify(): void {
    for (let i = (this.#size >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** The first agent; undefined when empty. */
  peek(): number | undefined {
    return this.#size > 0 ? this.#items[0] : undefined;
  }

  /** Gives the first agent another, larger key. */
  raiseFirst(key: number): void {
    this.#keys[this.#items[0]!] = key;
    this.#sink(0);
  }

  removeFirst(): void {
    this.#items[0] = this.#items[--this.#size]!;
    this.#sink(0);
  }

  #before(x: number, y: number): boolean {
    const kx = this.#keys[x]!;
    const ky = this.#keys[y]!;
    return kx < ky || (kx === ky && x < y);
  }

  #sink(start: number): void {
    const items = this.#items;
    const item = items[start]!;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(items[child + 1]!, items[child]!)) child++;
      if (!this.#before(items[child]!, item)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}
