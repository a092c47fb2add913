import { expect, test } from 'vitest';
import { Backoff, backoffMs } from './backoff.ts';

test('doubles up to its limit, a part of each wait at random', () => {
  const options = { initialMs: 100, maxMs: 1000 };
  expect([1, 2, 3, 4, 5, 60].map((n) => backoffMs(options, n, () => 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect(backoffMs(options, 3, () => 0)).toBe(200);
  expect(backoffMs({ ...options, jitter: 0 }, 3, () => 0)).toBe(400);
});

test('starts anew after a success', () => {
  const backoff = new Backoff({ initialMs: 100, maxMs: 1000, jitter: 0 }, () => 0);
  expect([backoff.next(), backoff.next()]).toEqual([100, 200]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
  expect(backoff.failures).toBe(1);
});
