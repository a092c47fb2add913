import { MAX_AMOUNT, toAmount, type Rounding } from '../lib/quantity.ts';
import { record } from '../lib/record.ts';
import type { ResourceMap } from './objects.ts';

/** Amounts by resource name, in whole units: milli-cpu, MiB for memory and storage, counts for the rest. */
export type Amounts = Readonly<Record<string, number>>;

const MIB = 1n << 20n;

/** True for resources that are measured in bytes and kept in MiB. */
function inMebibytes(name: string): boolean {
  return name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
}

/**
 * One quantity in the units of its column: cpu in milli-cpu, bytes in MiB, the rest as counts.
 * @throws QuantityError when the text is not a quantity.
 */
function amountOf(name: string, value: string | number, rounding: Rounding): number {
  if (name === 'cpu') return toAmount(value, rounding, 1000n);
  if (inMebibytes(name)) return toAmount(value, rounding, 1n, MIB);
  return toAmount(value, rounding);
}

/** A whole resource map in column units. */
export function amountsOf(map: ResourceMap | undefined, rounding: Rounding): Record<string, number> {
  const out = record<number>();
  for (const [name, value] of Object.entries(map ?? {})) out[name] = amountOf(name, value, rounding);
  return out;
}

/** Writes an amount for people: 1500m, 512Mi, 3. */
export function formatAmount(name: string, amount: number): string {
  if (name === 'cpu') return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (inMebibytes(name)) return amount !== 0 && amount % 1024 === 0 ? `${amount / 1024}Gi` : `${amount}Mi`;
  return String(amount);
}

/** An amount in Prometheus' base units: cores, bytes, counts. */
export function baseAmount(name: string, amount: number): number {
  if (name === 'cpu') return amount / 1000;
  return inMebibytes(name) ? amount * Number(MIB) : amount;
}

/** a + b, saturating at the column's range. */
export function saturatingAdd(a: number, b: number): number {
  const sum = a + b;
  return sum > MAX_AMOUNT ? MAX_AMOUNT : sum;
}

/**
 * The columns of the matrices: resource name -> column number. The first four are always there; every extended
 * resource that a node offers or a role names follows in the order of first sight. All others, that only tasks ask for,
 * share one column, the last: nobody has any of it, and what people invent costs nothing.
 */
export class ResourceColumns {
  /** Resources with a column of their own, by its number. */
  readonly names: string[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
  readonly #index = new Map(this.names.map((name, i) => [name, i]));
  #isShared = false;

  get count(): number {
    return this.names.length + (this.#isShared ? 1 : 0);
  }

  /** Column of the resources that no node offers and no role names; undefined when no task asks for any. */
  get shared(): number | undefined {
    return this.#isShared ? this.names.length : undefined;
  }

  /** Makes the shared column when a task asks for a resource that has no other. No column is added after that. */
  share(demand: Amounts): void {
    this.#isShared ||= Object.keys(demand).some((name) => this.#isUnoffered(name, demand));
  }

  /** Names of the resources that a column stands for in a demand: one, or of the shared column all that have no other. */
  namesIn(demand: Amounts, column: number): readonly string[] {
    if (column !== this.shared) return [this.names[column]!];
    return Object.keys(demand).filter((name) => this.#isUnoffered(name, demand));
  }

  #isUnoffered(name: string, demand: Amounts): boolean {
    return demand[name]! > 0 && !this.#index.has(name);
  }

  /** Column of a resource of its own, made when it is new. */
  add(name: string): number {
    let column = this.#index.get(name);
    if (column === undefined) {
      column = this.names.length;
      this.names.push(name);
      this.#index.set(name, column);
    }
    return column;
  }

  /** Column of a resource of its own, or undefined. */
  get(name: string): number | undefined {
    return this.#index.get(name);
  }
}

/** Column of `pods`: every task takes one. */
export const PODS_COLUMN = 3;
