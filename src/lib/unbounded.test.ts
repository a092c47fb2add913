import { expect, test } from 'vitest';
import { append, largest, least } from './unbounded.ts';

const MANY = Array.from({ length: 200_000 }, (_, i) => i - 100_000);

test('any number of values has a largest and a least one', () => {
  expect([largest(MANY), least(MANY)]).toEqual([99_999, -100_000]);
  expect([largest([]), largest([], 0), largest([-1], 0), least([])]).toEqual([-Infinity, 0, 0, Infinity]);
});

test('any number of items goes to the end of a list', () => {
  const list = [7];
  append(list, MANY);
  expect([list.length, list[0], list.at(-1)]).toEqual([200_001, 7, 99_999]);
});
