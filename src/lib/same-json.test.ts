import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './hash.ts';
import { isSameJson } from './same-json.ts';

test('values are the same when their canonical texts are equal', () => {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(undefined, null, 0, -0, 1, NaN, '', 'a', true, false),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), tie('value'), { maxKeys: 2 }),
    ),
  }));
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(isSameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      expect(isSameJson(a, structuredClone(a))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('the order of fields says nothing, nor does one that is undefined', () => {
  expect(isSameJson({ a: 1, b: [{ c: undefined }] }, { b: [{}], a: 1 })).toBe(true);
  expect(isSameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(isSameJson({ a: undefined, b: 1 }, { a: 1 })).toBe(false);
});
