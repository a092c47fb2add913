import { OperationCache } from './operation-cache.ts';
import type { Quantities } from './quantities.ts';
import type { Resources } from './resource-bundle.ts';
import { columnOf } from './resource-kind.ts';

/** What an offer must hold at least: one of several lists of amounts. */
export class MinAllocatable {
  readonly #alternatives: readonly (readonly (readonly [column: number, amount: number])[])[];
  readonly #id: number;
  static #made = 0;
  static readonly #answers = new OperationCache<boolean>();

  constructor(alternatives: readonly Quantities[]) {
    this.#alternatives = alternatives.map((quantities) =>
      [...quantities].map(([name, amount]) => [columnOf(name), amount] as const),
    );
    this.#id = MinAllocatable.#made++;
  }

  /** Whether a bundle is worth an offer; an empty one never is. Ranges and sets count their numbers and members. */
  isMetBy(resources: Resources): boolean {
    if (resources.items.length === 0) return false;
    if (this.#alternatives.length === 0) return true;
    let answer = MinAllocatable.#answers.get(this.#id, resources.id);
    if (answer === undefined) {
      answer = this.#alternatives.some((amounts) =>
        amounts.every(([column, amount]) => resources.amountOf(column) >= amount),
      );
      MinAllocatable.#answers.set(this.#id, resources.id, answer);
    }
    return answer;
  }
}
