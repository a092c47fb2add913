/** A binary min-heap of objects under a total order. */
export class Heap<T> {
  readonly #items: T[];
  readonly #before: (a: T, b: T) => boolean;

  /** @param items taken over and reordered @param before true when a comes before b; never for equal items */
  constructor(items: T[], before: (a: T, b: T) => boolean) {
    this.#items = items;
    this.#before = before;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** The first item, or undefined when empty. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** The item that would be first without the first. */
  get second(): T | undefined {
    const left = this.#items[1];
    const right = this.#items[2];
    return left !== undefined && right !== undefined && this.#before(right, left) ? right : left;
  }

  /** Restores the order after the first item changed so that it may come later. */
  sinkFirst(): void {
    if (this.#items.length > 1) this.#sink(0);
  }

  removeFirst(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.#sink(0);
  }

  #sink(start: number): void {
    const items = this.#items;
    const item = items[start]!;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child++;
      if (!this.#before(items[child]!, item)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}
