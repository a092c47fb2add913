import type { Matrices } from '../../matrix/matrices.ts';
import type { ResourceColumns } from '../../snapshot/resources.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import { scalarItem } from '../resources/resource-bundle.ts';
import { kindOf, plainScalar, type Kind } from '../resources/resource-kind.ts';

/** In the accounts, what no node has: a name that no resource can bear. */
const UNOFFERED = 'what no node has';

/** The demand of one task, or of a whole gang, as accounts and quota count it. */
export interface Demand extends Bundle {
  /** Column in the snapshot of each item. */
  readonly columns: readonly number[];
}

/** Turns amounts in the columns of a snapshot into what accounts are kept in. The units stay those of the columns. */
export class Bundles {
  readonly #kinds: readonly Kind[];
  readonly #columnOf: ReadonlyMap<number, number>;
  readonly #reserved = new Map<string, readonly Kind[]>();
  readonly #columns: ResourceColumns;

  constructor(columns: ResourceColumns) {
    this.#columns = columns;
    this.#kinds = this.#kindsOf([]);
    this.#columnOf = new Map(this.#kinds.map((kind, r) => [kind.column, r]));
  }

  /** R amounts as a bundle, from an offset on; those of none are left out. @param reservedTo path of a role, '' = nobody */
  of(amounts: ArrayLike<number>, offset = 0, reservedTo = ''): Demand {
    const kinds = reservedTo === '' ? this.#kinds : this.#reservedKinds(reservedTo);
    const items = [];
    const columns = [];
    for (let r = 0; r < kinds.length; r++) {
      const amount = amounts[offset + r]!;
      if (amount === 0) continue;
      items.push(scalarItem(kinds[r]!, amount));
      columns.push(r);
    }
    return { items, columns };
  }

  /** One task of a row of the matrices. */
  ofTask({ demand }: Matrices, row: number): Demand {
    return this.of(demand, row * this.#kinds.length);
  }

  /** What a column of the snapshot counts. */
  kindOf(column: number): Kind {
    return this.#kinds[column]!;
  }

  /** Column in the snapshot of a column of the accounts. */
  columnOf(column: number): number {
    return this.#columnOf.get(column)!;
  }

  #reservedKinds(role: string): readonly Kind[] {
    let kinds = this.#reserved.get(role);
    if (!kinds) this.#reserved.set(role, (kinds = this.#kindsOf([role])));
    return kinds;
  }

  #kindsOf(reservations: readonly string[]): Kind[] {
    const { names, shared } = this.#columns;
    const all = shared === undefined ? names : [...names, UNOFFERED];
    return all.map((name) => kindOf({ ...plainScalar(name), reservations }));
  }
}
