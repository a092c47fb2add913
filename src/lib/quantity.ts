import { ProfferError } from './errors.ts';

/** Largest amount that a matrix column holds; anything above saturates here and never wraps. */
export const MAX_AMOUNT = 0x7fff_ffff;

/** Most characters of a quantity. Kubernetes writes far fewer, and longer numbers only cost time. */
const LONGEST = 64;

/** A text that is not a Kubernetes quantity. */
export class QuantityError extends ProfferError {
  readonly code = 'PROFFER_QUANTITY';
  /** What was given. */
  readonly text: string;

  constructor(text: string) {
    super(
      `"${text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text}" is not a quantity: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3`,
    );
    this.text = text;
  }
}

/** The exact value of a quantity: `numerator / denominator` in its base unit (cores, bytes, counts). */
export interface Quantity {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const GRAMMAR = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+)|(n|u|m|k|[MGTPE]i?|Ki))?$/;

const SUFFIX: Readonly<Record<string, readonly [base: bigint, power: number]>> = {
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40],
  Pi: [2n, 50],
  Ei: [2n, 60],
};

/** Beyond this an exponent only costs time: every column has saturated, or the amount is nothing. */
const clampExponent = (exponent: number): number => Math.max(-100, Math.min(100, exponent));

/**
 * Reads a quantity by the grammar of Kubernetes (apimachinery `resource.Quantity`): `.5`, `1e3`, `0.5Gi`, `1Ei`,
 * `128974848000m`. Numbers are taken as their decimal text.
 * @throws QuantityError when the text is not a quantity.
 */
export function parseQuantity(value: string | number): Quantity {
  const text = String(value);
  let quantity = known.get(text);
  if (quantity) return quantity;
  quantity = parse(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, quantity);
  return quantity;
}

/** Quantities that were read: the Pods of a cluster ask for the same few. */
const known = new Map<string, Quantity>();
const MOST_KNOWN = 1000;

function parse(text: string): Quantity {
  const match = text.length > LONGEST ? null : GRAMMAR.exec(text);
  if (!match) throw new QuantityError(text);
  const [, sign, whole = '', fraction = '', bare = '', exponent, suffix] = match;
  const decimals = fraction || bare;
  let numerator = BigInt(`${whole}${decimals}` || '0');
  let denominator = 10n ** BigInt(decimals.length);
  const [base, power] = suffix ? SUFFIX[suffix]! : ([10n, clampExponent(Number(exponent ?? 0))] as const);
  if (power >= 0) numerator *= base ** BigInt(power);
  else denominator *= base ** BigInt(-power);
  return { numerator: sign === '-' ? -numerator : numerator, denominator };
}

/** Which way a fraction of a unit goes: demand is rounded up and supply down, so rounding never over-commits. */
export type Rounding = 'up' | 'down';

/**
 * Turns a quantity into whole units.
 * @param value the quantity
 * @param scale units per base unit: 1000n for milli-cpu; for MiB use `perUnit` = 2^20
 * @param perUnit base units in one unit
 * @returns an integer from 0 to MAX_AMOUNT; negative quantities count as 0
 * @throws QuantityError when the text is not a quantity
 */
export function toAmount(value: string | number, rounding: Rounding, scale = 1n, perUnit = 1n): number {
  const { numerator, denominator } = parseQuantity(value);
  if (numerator <= 0n) return 0;
  const top = numerator * scale;
  const bottom = denominator * perUnit;
  const amount = rounding === 'up' ? (top + bottom - 1n) / bottom : top / bottom;
  return amount > BigInt(MAX_AMOUNT) ? MAX_AMOUNT : Number(amount);
}
