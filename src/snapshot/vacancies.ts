import type { PodNames } from './pod-names.ts';
import type { Vacancy } from './slots.ts';

/** Slots to fill, lowest first. An array of them is one. */
export interface Vacancies extends Iterable<Vacancy> {
  readonly length: number;
  /** The vacancy of a position, from 0 on; undefined after the last. */
  at(position: number): Vacancy | undefined;
}

/** A slot whose task ended: what the next one starts with. */
export type Reopened = Pick<Vacancy, 'slot' | 'failures' | 'after' | 'ended'>;

/** What the vacancies of a pool or of a group of workers follow from. */
export interface SlotsToFill {
  readonly namespace: string;
  /** Names of the Pods begin with it. */
  readonly base: string;
  /** Slots whose tasks ended and that are due, in any order. */
  readonly reopened: readonly Reopened[];
  /** Number of vacancies beside them: in the lowest slots that nobody has. */
  readonly fresh: number;
  /** Slots that somebody has, in any order and maybe twice; reopened ones may be among them. */
  readonly taken: Iterable<number>;
}

/**
 * Vacancies that are numbers until somebody asks for one: what they cost follows the Pods that exist, and not what a
 * pool asks for. The same position gives an equal vacancy each time.
 */
export class SlotVacancies implements Vacancies {
  readonly length: number;
  readonly #fresh: number;
  readonly #reopened: readonly Reopened[];
  /** Position of each reopened slot among all vacancies. */
  readonly #positions: readonly number[];
  /** Slots from 0 on that no fresh vacancy has, ascending, each once. */
  readonly #occupied: readonly number[];
  readonly #nameOf: (slot: number) => string;

  /** @param names where the vacancies take their names; those who come first have the first choice */
  constructor({ namespace, base, reopened, fresh, taken }: SlotsToFill, names: PodNames) {
    this.length = reopened.length + fresh;
    this.#fresh = fresh;
    this.#reopened = reopened.toSorted((a, b) => a.slot - b.slot);
    const occupied = new Set([...taken, ...reopened.map(({ slot }) => slot)]);
    this.#occupied = [...occupied].filter((slot) => slot >= 0).sort((a, b) => a - b);
    this.#positions = this.#reopened.map(({ slot }, k) => k + Math.min(fresh, this.#unoccupiedBelow(slot)));
    this.#nameOf = names.open(namespace, base, (slot) => this.#has(slot));
  }

  at(position: number): Vacancy | undefined {
    if (position < 0 || position >= this.length) return undefined;
    const before = countBelow(this.#positions, position);
    if (this.#positions[before] === position) {
      const reopened = this.#reopened[before]!;
      return { ...reopened, name: this.#nameOf(reopened.slot) };
    }
    const slot = this.#unoccupied(position - before);
    return { slot, failures: 0, after: undefined, name: this.#nameOf(slot) };
  }

  *[Symbol.iterator](): Generator<Vacancy> {
    for (let position = 0; position < this.length; position++) yield this.at(position)!;
  }

  #has(slot: number): boolean {
    if (this.#reopened.some((reopened) => reopened.slot === slot)) return true;
    const at = countBelow(this.#occupied, slot);
    return slot >= 0 && this.#occupied[at] !== slot && slot - at < this.#fresh;
  }

  #unoccupiedBelow(slot: number): number {
    return Math.max(0, slot - countBelow(this.#occupied, slot));
  }

  /** The slot that has so many unoccupied ones below it, and is unoccupied itself. */
  #unoccupied(rank: number): number {
    let [low, high] = [0, this.#occupied.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#occupied[middle]! - middle > rank) high = middle;
      else low = middle + 1;
    }
    return rank + low;
  }
}

/** Number of entries below a value. @param sorted ascending, each once */
function countBelow(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
