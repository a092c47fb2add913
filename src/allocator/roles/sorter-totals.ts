import { addAt } from '../resources/amounts.ts';
import type { Bundle } from '../resources/resource-bundle.ts';

/** What there is to share: one object for all sorters of an engine, since every sorter measures by the whole cluster. */
export class SorterTotals {
  /** Scalars by column, thousandths. */
  readonly amounts: number[] = [];
  /** Grows with every change. */
  version = 0;

  add(resources: Bundle): void {
    this.#apply(resources, 1);
  }

  remove(resources: Bundle): void {
    this.#apply(resources, -1);
  }

  #apply({ items }: Bundle, sign: 1 | -1): void {
    if (items.length === 0) return;
    this.version++;
    for (const { kind, amount } of items) {
      if (kind.type === 'scalar') {
        addAt(this.amounts, kind.column, sign * amount);
      }
    }
  }
}
