import { MAX_AMOUNT, parseQuantity, toWhole, type Rounding } from '../lib/quantity.ts';
import { record } from '../lib/record.ts';
import type { ResourceMap } from './reading/objects.ts';

/** Amounts by resource name, in whole units: milli-cpu, bytes for memory and storage, counts for the rest. */
export type Amounts = Readonly<Record<string, number>>;

/** Amounts by resource name, in thousandths of the base unit: fractions of bytes and of counts add up exactly. */
export type Thousandths = Readonly<Record<string, bigint>>;

/** True for resources that are measured in bytes. */
function inBytes(name: string): boolean {
  return name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
}

/** A whole resource map as it stands. @throws QuantityError when a text is not a quantity */
export function thousandthsOf(map: ResourceMap | undefined): Record<string, bigint> {
  const out = record<bigint>();
  for (const [name, value] of Object.entries(map ?? {})) {
    const amount = parseQuantity(value);
    out[name] = amount > 0n ? amount : 0n;
  }
  return out;
}

/**
 * Amounts in column units. What is more than a column holds counts as {@link MAX_AMOUNT}.
 * @param most the largest amount, where another one holds
 */
export function inUnits(amounts: Thousandths, rounding: Rounding, most = MAX_AMOUNT): Record<string, number> {
  const out = record<number>();
  for (const name in amounts) {
    const amount = name === 'cpu' ? Number(amounts[name]!) : toWhole(amounts[name]!, rounding);
    out[name] = Math.min(most, amount);
  }
  return out;
}

/**
 * A whole resource map in column units, as kube-scheduler reads one when it rounds up.
 * @param most see {@link inUnits} @throws QuantityError when a text is not a quantity
 */
export function amountsOf(
  map: ResourceMap | undefined,
  rounding: Rounding,
  most?: number,
): Record<string, number> {
  return inUnits(thousandthsOf(map), rounding, most);
}

const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** An amount with the largest suffix that it is a whole number of. */
function withSuffix(amount: number, base: number, suffixes: readonly string[]): string {
  const power = suffixes.findLastIndex((_, i) => amount >= base ** i && amount % base ** i === 0);
  return power < 0 ? String(amount) : `${amount / base ** power}${suffixes[power]}`;
}

/** Writes an amount for people, exactly: 1500m, 512Mi, 4G, 3. */
export function formatAmount(name: string, amount: number): string {
  if (name === 'cpu') return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  const decimal = withSuffix(amount, 1000, DECIMAL);
  if (!inBytes(name)) return amount % 1e6 === 0 ? decimal : String(amount);
  const binary = withSuffix(amount, 1024, BINARY);
  return decimal.length < binary.length ? decimal : binary;
}

/** An amount in Prometheus' base units: cores, bytes, counts. */
export function baseAmount(name: string, amount: number): number {
  return name === 'cpu' ? amount / 1000 : amount;
}

/** a + b, saturating at the column's range. */
export function saturatingAdd(a: number, b: number): number {
  return Math.min(MAX_AMOUNT, a + b);
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

  /** Visits amounts that have columns of their own. */
  each(amounts: Amounts, visit: (column: number, amount: number) => void): void {
    for (const name in amounts) {
      const column = this.#index.get(name);
      if (column !== undefined) visit(column, amounts[name]!);
    }
  }

  /** Column of a resource of its own, or undefined. */
  get(name: string): number | undefined {
    return this.#index.get(name);
  }
}

/** Column of `pods`: every task takes one. */
export const PODS_COLUMN = 3;
