import { ProfferError } from './errors.ts';

/**
 * The largest amount of a matrix column: every whole number up to here is kept exactly. It stands for itself and for all
 * above it, and never wraps.
 */
export const MAX_AMOUNT = 2 ** 53;

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
 * @returns thousandths of the base unit (cores, bytes, counts). They are the finest that the API server keeps: it rounds
 * every amount of a Pod or Node away from zero to them.
 * @throws QuantityError when the text is not a quantity.
 */
export function parseQuantity(value: string | number): bigint {
  const text = String(value);
  let quantity = known.get(text);
  if (quantity !== undefined) return quantity;
  quantity = parse(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, quantity);
  return quantity;
}

/** Quantities that were read: the Pods of a cluster ask for the same few. */
const known = new Map<string, bigint>();
const MOST_KNOWN = 1000;

function parse(text: string): bigint {
  const match = text.length > LONGEST ? null : GRAMMAR.exec(text);
  if (!match) throw new QuantityError(text);
  const [, sign, whole = '', fraction = '', bare = '', exponent, suffix] = match;
  const decimals = fraction || bare;
  let numerator = BigInt(`${whole}${decimals}` || '0') * THOUSAND;
  let denominator = 10n ** BigInt(decimals.length);
  const [base, power] = suffix ? SUFFIX[suffix]! : ([10n, clampExponent(Number(exponent ?? 0))] as const);
  if (power >= 0) numerator *= base ** BigInt(power);
  else denominator *= base ** BigInt(-power);
  const thousandths = divide(numerator, denominator, 'up');
  return sign === '-' ? -thousandths : thousandths;
}

/** Which way a fraction of a unit goes. */
export type Rounding = 'up' | 'down';

const THOUSAND = 1000n;

const divide = (top: bigint, bottom: bigint, rounding: Rounding): bigint =>
  rounding === 'up' ? (top + bottom - 1n) / bottom : top / bottom;

/** Thousandths as whole base units, as near as a number comes to it; what is negative counts as 0. */
export const toWhole = (thousandths: bigint, rounding: Rounding): number =>
  thousandths <= 0n ? 0 : Number(divide(thousandths, THOUSAND, rounding));
