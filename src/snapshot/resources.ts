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
 * resource that a node offers or a task asks for follows in the order of first sight.
 */
export class ResourceColumns {
  readonly names: string[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
  readonly #index = new Map(this.names.map((name, i) => [name, i]));

  get count(): number {
    return this.names.length;
  }

  /** Column of a resource, made when it is new. */
  add(name: string): number {
    let column = this.#index.get(name);
    if (column === undefined) {
      column = this.names.length;
      this.names.push(name);
      this.#index.set(name, column);
    }
    return column;
  }

  /** Column of a resource, or undefined. */
  get(name: string): number | undefined {
    return this.#index.get(name);
  }
}

/** Column of `pods`: every task takes one. */
export const PODS_COLUMN = 3;
