import type { PodNames } from './pod-names.ts';
import type { Vacancy } from './slots.ts';

/** Slots to fill, lowest first. An array of them is one. */
export interface Vacancies extends Iterable<Vacancy> {
  readonly length: number;
  /** The vacancy of a position, from 0 on; undefined after the last. */
  at(position: number): Vacancy | undefined;
}

/** What a class lacks, without names: those are of one cycle, and what it lacks stands while nothing of it changes. */
export interface Lack {
  readonly length: number;
  /** @param names where the vacancies take their names; those who come first have the first choice */
  named(names: PodNames): Vacancies;
}

/** A class that lacks nothing. */
export const NO_LACK: Lack = { length: 0, named: () => [] };

/** A slot whose task ended: what the next one starts with. */
export type Reopened = Pick<Vacancy, 'slot' | 'failures' | 'after' | 'ended'>;

/** What the vacancies of a pool or of a group of workers follow from. */
export interface SlotsToFill {
  readonly namespace: string;
  /** Names of the Pods begin with it. */
  readonly base: string;
  /** Names of the Pods have it after their slot, so that none has the name of one that was before; nothing when left out. */
  readonly suffix?: string;
  /** Slots whose tasks ended and that are due, in any order. */
  readonly reopened: readonly Reopened[];
  /** Number of vacancies beside them: in the lowest slots that nobody has. */
  readonly fresh: number;
  /** Slots that somebody has, in any order and maybe twice; reopened ones may be among them. */
  readonly taken: Iterable<number>;
}

/**
 * Slots to fill that are numbers until somebody asks for one: what they cost follows the Pods that exist, and not what a
 * pool asks for.
 */
export class OpenSlots implements Lack {
  readonly length: number;
  readonly #given: SlotsToFill;
  readonly #reopened: readonly Reopened[];
  /** Position of each reopened slot among all vacancies. */
  readonly #positions: readonly number[];
  /** Slots from 0 on that no fresh vacancy has, ascending, each once. */
  readonly #occupied: readonly number[];

  constructor(given: SlotsToFill) {
    const { reopened, fresh, taken } = given;
    this.length = reopened.length + fresh;
    this.#given = given;
    this.#reopened = reopened.toSorted((a, b) => a.slot - b.slot);
    const occupied = new Set([...taken, ...reopened.map(({ slot }) => slot)]);
    this.#occupied = [...occupied].filter((slot) => slot >= 0).sort((a, b) => a - b);
    this.#positions = this.#reopened.map(({ slot }, k) => k + Math.min(fresh, this.#unoccupiedBelow(slot)));
  }

  named(names: PodNames): Vacancies {
    const { namespace, base, suffix } = this.#given;
    const nameOf = names.open(namespace, base, (slot) => this.#has(slot), suffix);
    return new SlotVacancies(this, nameOf);
  }

  /** What stands of the vacancy of a position. */
  at(position: number): Reopened {
    const before = countBelow(this.#positions, position);
    if (this.#positions[before] === position) return this.#reopened[before]!;
    return { slot: this.#unoccupied(position - before), failures: 0, after: undefined };
  }

  #has(slot: number): boolean {
    if (this.#reopened.some((reopened) => reopened.slot === slot)) return true;
    const at = countBelow(this.#occupied, slot);
    return slot >= 0 && this.#occupied[at] !== slot && slot - at < this.#given.fresh;
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

/** Open slots with their names. The same position gives an equal vacancy each time. */
export class SlotVacancies implements Vacancies {
  readonly length: number;
  readonly #slots: OpenSlots;
  readonly #nameOf: (slot: number) => string;

  /** @param nameOf the name of the Pod for an open slot */
  constructor(slots: OpenSlots, nameOf: (slot: number) => string) {
    this.length = slots.length;
    this.#slots = slots;
    this.#nameOf = nameOf;
  }

  at(position: number): Vacancy | undefined {
    if (position < 0 || position >= this.length) return undefined;
    const open = this.#slots.at(position);
    return { ...open, name: this.#nameOf(open.slot) };
  }

  *[Symbol.iterator](): Generator<Vacancy> {
    for (let position = 0; position < this.length; position++) yield this.at(position)!;
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
