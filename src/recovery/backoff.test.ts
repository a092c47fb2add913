import { expect, test } from 'vitest';
import { failuresAfter, restartDelayMs } from './backoff.ts';

test('the first failure costs no wait, then 1, 2, 4 ... seconds up to the limit', () => {
  expect([0, 1, 2, 3, 4, 5, 10, 11, 100, 10_000].map((n) => restartDelayMs(n, 300_000))).toEqual([
    0, 0, 1000, 2000, 4000, 8000, 256_000, 300_000, 300_000, 300_000,
  ]);
  expect(restartDelayMs(3, 1000)).toBe(1000);
});

test('failures in a row add up, and a task that ran for ten minutes starts anew', () => {
  expect(failuresAfter(0, 0, false)).toBe(1);
  expect(failuresAfter(4, 10 * 60_000 - 1, false)).toBe(5);
  expect(failuresAfter(4, 10 * 60_000, false)).toBe(1);
});

test('one that was ready starts anew after a minute: sooner it would be a hot loop of servers without a probe', () => {
  expect(failuresAfter(4, 60_000 - 1, true)).toBe(5);
  expect(failuresAfter(4, 60_000, true)).toBe(1);
});
