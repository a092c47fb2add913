/** Objects of the first page: however large they are, so many have room in memory. */
const FIRST = 8;

/** Most objects of a page when nothing else is said. */
const MOST = 500;

/** What a page should be long, bytes: its parse, which the event loop waits for, takes 6 ms. */
const TARGET_BYTES = 1 << 20;

/** So many times the target a page may be long; one that would be longer is not taken in. */
const SPREAD = 4;

/**
 * How many objects to ask for in the pages of a list, so that a page is about a MiB, however large the objects are:
 * few at first, then as many as the size of those that came allows, twice as many as before at most.
 */
export class PageSize {
  #most: number;
  #target = TARGET_BYTES;
  #limit: number;

  /** @param most objects a page */
  constructor(most = MOST) {
    this.#most = most;
    this.#limit = Math.min(FIRST, most);
  }

  /** Objects to ask for. */
  get limit(): number {
    return this.#limit;
  }

  /** Bytes from which on a page is not taken in; undefined when it can be no shorter. */
  get mostBytes(): number | undefined {
    return this.#limit === 1 ? undefined : SPREAD * this.#target;
  }

  /** A page of so many objects and bytes came. */
  came(objects: number, bytes: number): void {
    if (objects === 0) return;
    const fitting = Math.floor((this.#target * objects) / Math.max(1, bytes));
    this.#limit = Math.max(1, Math.min(fitting, 2 * this.#limit, this.#most));
  }

  /** The page would have been longer than it may be. */
  tooLong(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / SPREAD));
  }

  /** The list starts again, since it took too long: pages are twice as large from now on. */
  restart(): void {
    this.#most *= 2;
    this.#target *= 2;
    this.#limit = Math.min(2 * this.#limit, this.#most);
  }
}
