import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges } from './ranges.ts';

const numbers = fc.array(fc.nat(60), { maxLength: 40 });
const NONE = Ranges.NONE;

test('numbers are what a set of them is', () => {
  fc.assert(
    fc.property(numbers, numbers, fc.nat(70), (first, second, from) => {
      const ranges = NONE.with(first).with(second);
      const set = new Set([...first, ...second]);
      const sorted = [...set].sort((a, b) => a - b);
      expect([...ranges]).toEqual(sorted);
      expect(ranges.size).toBe(set.size);
      expect(Array.from({ length: 70 }, (_, i) => ranges.has(i))).toEqual(
        Array.from({ length: 70 }, (_, i) => set.has(i)),
      );
      expect(String(Ranges.read(String(ranges), 100))).toBe(String(ranges));
      expect(String(NONE.with([...second, ...first])), 'in any order').toBe(String(ranges));
      expect(ranges.firstMissing(from)).toBe(
        Array.from({ length: 99 }, (_, i) => from + i).find((i) => !set.has(i)),
      );
    }),
  );
});

test.each([
  ['', ''],
  ['0-3,7', '0-3,7'],
  ['0-3,4,5-6', '0-6'],
  ['3,1,7', '3,7'],
  ['5-2,x,-1,8', '8'],
  ['98-2000000', '98-99'],
  ['100', ''],
])('of the text %j below 100 it is %j', (text, read) => {
  expect(String(Ranges.read(text, 100))).toBe(read);
});

test('with numbers that it has it stays the same object', () => {
  const ranges = Ranges.read('0-9', 100);
  expect(ranges.with([3, 9, -1])).toBe(ranges);
});
