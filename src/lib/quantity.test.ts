import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuantity, QuantityError, toWhole } from './quantity.ts';

describe('the grammar', () => {
  test.each([
    ['0', 0n],
    ['1', 1000n],
    ['007', 7000n],
    ['+1', 1000n],
    ['-1', -1000n],
    ['-.5', -500n],
    ['.5', 500n],
    ['5.', 5000n],
    ['1.5', 1500n],
    ['0.1', 100n],
    ['1e3', 10n ** 6n],
    ['1E3', 10n ** 6n],
    ['1e+3', 10n ** 6n],
    ['1e-3', 1n],
    ['1.5e2', 150_000n],
    ['1E', 10n ** 21n],
    ['1k', 10n ** 6n],
    ['1M', 10n ** 9n],
    ['1G', 10n ** 12n],
    ['1T', 10n ** 15n],
    ['1P', 10n ** 18n],
    ['1Ki', 1024n * 1000n],
    ['1Mi', 2n ** 20n * 1000n],
    ['0.5Gi', 2n ** 29n * 1000n],
    ['1.3Gi', 1395864371200n],
    ['1Ti', 2n ** 40n * 1000n],
    ['1Pi', 2n ** 50n * 1000n],
    ['1Ei', 2n ** 60n * 1000n],
    ['100m', 100n],
    ['1u', 1n],
    ['-1n', -1n],
    ['128974848000m', 128974848000n],
    [2, 2000n],
    [0.25, 250n],
    [1e21, 10n ** 24n],
    [1.5e-7, 1n],
  ])('reads %s', (text, thousandths) => {
    expect(parseQuantity(text)).toBe(thousandths);
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
    ['a fraction goes up', '100.1', 'up', 101],
    ['or down', '100.9', 'down', 100],
    ['whole units stay, whichever way', '1500', 'up', 1500],
    ['the least demand takes a unit', '1n', 'up', 1],
    ['nothing is nothing', '0', 'up', 0],
    ['a negative amount counts as nothing', '-5', 'up', 0],
    ['every byte counts', '9007199254740991', 'up', 2 ** 53 - 1],
    ['what is more is as near as a number comes', '1Ei', 'down', 2 ** 60],
    ['an absurd exponent costs nothing', '1e999999999', 'down', 1e100],
    ['an absurdly small demand is still a demand', '1e-999999999', 'up', 1],
    ['an absurdly small supply is none', '1e-999999999', 'down', 0],
  ] as const)('%s', (_, text, rounding, amount) => {
    expect(toWhole(parseQuantity(text), rounding)).toBe(amount);
  });

  const decimal = fc
    .tuple(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 0, max: 12 }))
    .map(([digits, point]) => ({ text: `${digits}e-${point}`, top: digits, bottom: 10n ** BigInt(point) }));

  test('up is the least whole number that is not less, down the largest that is not more', () => {
    fc.assert(
      fc.property(decimal, ({ text, top, bottom }) => {
        const thousandths = parseQuantity(text);
        expect(thousandths * bottom >= top * 1000n && (thousandths - 1n) * bottom < top * 1000n).toBe(true);
        const up = BigInt(toWhole(thousandths, 'up'));
        const down = BigInt(toWhole(thousandths, 'down'));
        expect(up * bottom >= top && (up - 1n) * bottom < top).toBe(true);
        expect(down * 1000n <= thousandths && (down + 1n) * 1000n > thousandths).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test('a number without end is no quantity, and its error stays short', () => {
  expect(() => parseQuantity('9'.repeat(1_000_000))).toThrow(QuantityError);
  expect(() => parseQuantity('9'.repeat(1_000_000))).toThrow(/^"9{64}\.\.\." is not a quantity/);
});
