import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_AMOUNT, parseQuantity, QuantityError, toAmount } from './quantity.ts';

/** The value as a reduced fraction, so that equal amounts compare equal. */
function exact(text: string | number): string {
  const { numerator, denominator } = parseQuantity(text);
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  const common = gcd(numerator < 0n ? -numerator : numerator, denominator);
  return `${numerator / common}/${denominator / common}`;
}

describe('the grammar', () => {
  test.each([
    ['0', '0/1'],
    ['1', '1/1'],
    ['007', '7/1'],
    ['+1', '1/1'],
    ['-1', '-1/1'],
    ['-.5', '-1/2'],
    ['.5', '1/2'],
    ['5.', '5/1'],
    ['1.5', '3/2'],
    ['0.1', '1/10'],
    ['1e3', '1000/1'],
    ['1E3', '1000/1'],
    ['1e+3', '1000/1'],
    ['1e-3', '1/1000'],
    ['1.5e2', '150/1'],
    ['1E', `${10n ** 18n}/1`],
    ['1k', '1000/1'],
    ['1M', '1000000/1'],
    ['1G', `${10n ** 9n}/1`],
    ['1T', `${10n ** 12n}/1`],
    ['1P', `${10n ** 15n}/1`],
    ['1Ki', '1024/1'],
    ['1Mi', `${2n ** 20n}/1`],
    ['0.5Gi', `${2n ** 29n}/1`],
    ['1Ti', `${2n ** 40n}/1`],
    ['1Pi', `${2n ** 50n}/1`],
    ['1Ei', `${2n ** 60n}/1`],
    ['100m', '1/10'],
    ['1u', '1/1000000'],
    ['1n', `1/${10n ** 9n}`],
    ['128974848000m', '128974848/1'],
    [2, '2/1'],
    [0.25, '1/4'],
    [1e21, `${10n ** 21n}/1`],
    [1.5e-7, `3/${2n * 10n ** 7n}`],
  ])('reads %s', (text, value) => {
    expect(exact(text)).toBe(value);
  });

  test.each([
    '',
    ' 1',
    '1 ',
    '5x',
    '1.5.5',
    '.',
    '+',
    '-',
    'm',
    '1mm',
    '1KI',
    '1K',
    '1ki',
    '1mi',
    '1e',
    '1e1.5',
    '1Gib',
    '0x10',
    '--1',
    '1,5',
    'NaN',
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('refuses %j and says how to write one', (text) => {
    expect(() => parseQuantity(text)).toThrow(QuantityError);
    expect(() => parseQuantity(text)).toThrow(`"${text}" is not a quantity: write a number`);
  });
});

describe('whole units', () => {
  test.each([
    ['a fraction of a unit of demand goes up', '100.1m', 'up', 1000n, 1n, 101],
    ['a fraction of a unit of supply goes down', '100.9m', 'down', 1000n, 1n, 100],
    ['whole units stay, whichever way', '1500m', 'up', 1000n, 1n, 1500],
    ['the least demand takes a unit', '1n', 'up', 1000n, 1n, 1],
    ['bytes become MiB', '1Gi', 'down', 1n, 1n << 20n, 1024],
    ['a byte more is a MiB more', '1048577', 'up', 1n, 1n << 20n, 2],
    ['a byte less is a MiB less', '2097151', 'down', 1n, 1n << 20n, 1],
    ['nothing is nothing', '0', 'up', 1000n, 1n, 0],
    ['a negative amount counts as nothing', '-5', 'up', 1000n, 1n, 0],
    ['the largest amount that fits', String(MAX_AMOUNT), 'up', 1n, 1n, MAX_AMOUNT],
    ['more than fits saturates and never wraps', '1Ei', 'down', 1000n, 1n, MAX_AMOUNT],
    ['an absurd exponent saturates at once', '1e999999999', 'down', 1n, 1n, MAX_AMOUNT],
    ['an absurdly small demand is still a demand', '1e-999999999', 'up', 1n, 1n, 1],
    ['an absurdly small supply is none', '1e-999999999', 'down', 1n, 1n, 0],
  ] as const)('%s', (_, text, rounding, scale, perUnit, amount) => {
    expect(toAmount(text, rounding, scale, perUnit)).toBe(amount);
  });

  const decimal = fc
    .tuple(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 0, max: 12 }))
    .map(([digits, point]) => ({ text: `${digits}e-${point}`, top: digits, bottom: 10n ** BigInt(point) }));

  test('up is the least whole number that is not less, down the largest that is not more', () => {
    fc.assert(
      fc.property(
        decimal,
        fc.constantFrom(1n, 1000n),
        fc.constantFrom(1n, 1n << 20n),
        (value, scale, perUnit) => {
          const top = value.top * scale;
          const bottom = value.bottom * perUnit;
          fc.pre(top / bottom < BigInt(MAX_AMOUNT));
          const up = BigInt(toAmount(value.text, 'up', scale, perUnit));
          const down = BigInt(toAmount(value.text, 'down', scale, perUnit));
          expect(up * bottom >= top && (up - 1n) * bottom < top).toBe(true);
          expect(down * bottom <= top && (down + 1n) * bottom > top).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('a number without end is no quantity, and its error stays short', () => {
  expect(() => parseQuantity('9'.repeat(1_000_000))).toThrow(QuantityError);
  expect(() => parseQuantity('9'.repeat(1_000_000))).toThrow(/^"9{64}\.\.\." is not a quantity/);
});
