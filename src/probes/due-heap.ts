/** Something that is to be done at a time. */
export interface Due {
  /** When, ms, by any clock. */
  due: number;
}

/** Things by when they are due, the first of them at hand: no timer for each of fifty thousand. */
export class DueHeap<T extends Due> {
  readonly #items: T[] = [];

  /** Number of things. */
  get size(): number {
    return this.#items.length;
  }

  /** What is due first; undefined when there is nothing. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Adds a thing, whose time does not change until it is taken out. */
  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (items[above]!.due <= item.due) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  /** Takes out what is due first; undefined when there is nothing. */
  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && items[below + 1]!.due < items[below]!.due) below++;
      if (items[below]!.due >= last.due) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return first;
  }
}
