/** Lets a few through at a time for each key; the others of the key wait in the order in which they came. */
export class Turnstile {
  readonly #most: number;
  readonly #inside = new Map<string, { count: number; readonly waiting: (() => void)[] }>();

  /** @param most how many of a key are through at a time */
  constructor(most: number) {
    this.#most = most;
  }

  /** Does the work when its turn has come. @returns what it returns @throws what it throws */
  async pass<T>(key: string, work: () => Promise<T>): Promise<T> {
    const inside = this.#inside.get(key) ?? { count: 0, waiting: [] };
    this.#inside.set(key, inside);
    if (inside.count === this.#most) await new Promise<void>((resolve) => inside.waiting.push(resolve));
    else inside.count++;
    try {
      return await work();
    } finally {
      // Who comes next takes the place over.
      const next = inside.waiting.shift();
      if (next) next();
      else if (--inside.count === 0) this.#inside.delete(key);
    }
  }
}
