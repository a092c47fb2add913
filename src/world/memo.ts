/** A value that is kept while what it follows from is the same. */
export class Memo<T> {
  #from: readonly unknown[] | undefined;
  #value: T | undefined;

  /** @param from all that the value follows from, compared by identity */
  get(from: readonly unknown[], make: () => T): T {
    const before = this.#from;
    if (before?.length !== from.length || from.some((each, i) => !Object.is(each, before[i]))) {
      // When it cannot be made, nothing is kept.
      this.#from = undefined;
      this.#value = make();
      this.#from = from;
    }
    return this.#value!;
  }
}
