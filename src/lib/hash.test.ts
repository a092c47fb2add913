import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, fnv1a } from './hash.ts';

describe('fnv1a', () => {
  // Test vectors of the FNV authors, 32 bits.
  test.each([
    ['', '811c9dc5'],
    ['a', 'e40c292c'],
    ['foobar', 'bf9cf968'],
  ])('of %j', (text, hash) => expect(fnv1a(text)).toBe(hash));

  test('is always eight digits', () => {
    fc.assert(fc.property(fc.string(), (text) => /^[0-9a-f]{8}$/.test(fnv1a(text))));
  });
});

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves out what is undefined', () => {
    const value = { b: [{ d: 1, c: undefined }, null], a: 'x', '10': true, '9': 1.5 };
    expect(canonicalJson(value)).toBe('{"10":true,"9":1.5,"a":"x","b":[{"d":1},null]}');
    expect(canonicalJson(undefined)).toBe('null');
  });

  test('keeps the order of lists', () => expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2])));

  test('is the same for equal values, whatever the order of their fields, and is the value again when parsed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const turned = JSON.parse(JSON.stringify(value), (_, v: unknown) =>
          v !== null && typeof v === 'object' && !Array.isArray(v)
            ? Object.fromEntries(Object.entries(v).reverse())
            : v,
        ) as unknown;
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
