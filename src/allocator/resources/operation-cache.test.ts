import { expect, test } from 'vitest';
import { OperationCache } from './operation-cache.ts';

test('a result is remembered for its two operands, in their order', () => {
  const cache = new OperationCache<string>();
  expect(cache.get(1, 2)).toBeUndefined();
  cache.set(1, 2, 'difference');
  expect(cache.get(1, 2)).toBe('difference');
  expect([cache.get(2, 1), cache.get(1, 3), cache.get(3, 2)]).toEqual([undefined, undefined, undefined]);
});

test('a newer result takes the place of an older one, and never passes for that of other operands', () => {
  const cache = new OperationCache<number>();
  const pairs = Array.from({ length: 20_000 }, (_, i) => [i % 141, Math.floor(i / 141)] as const);
  for (const [left, right] of pairs) cache.set(left, right, left * 1000 + right);
  let kept = 0;
  for (const [left, right] of pairs) {
    const found = cache.get(left, right);
    if (found === undefined) continue;
    kept++;
    if (found !== left * 1000 + right)
      expect.fail(`${left} and ${right} give the result of others: ${found}`);
  }
  // Room for 8192; a good part of it is in use.
  expect(kept).toBeGreaterThan(4096);
  expect(kept).toBeLessThanOrEqual(8192);
});
