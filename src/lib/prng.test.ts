import { describe, expect, test } from 'vitest';
import { mix32, Prng, word32 } from './prng.ts';

describe('Prng', () => {
  test('the same keys give the same draws, other keys give others', () => {
    const draws = (...keys: number[]) => {
      const random = new Prng(...keys);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draws(1, 2)).toEqual(draws(1, 2));
    expect(draws(1, 2)).not.toEqual(draws(2, 1));
    expect(draws(0)).not.toEqual(draws(1));
    expect(draws(5)).not.toEqual(draws(5 + 2 ** 32));
  });

  test('draws below a bound reach every number, about equally often', () => {
    const random = new Prng(7);
    const seen = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) seen[random.below(10)]!++;
    for (const count of seen) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
  });

  test('a shuffle keeps every item, and every item can come first', () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const shuffled = new Prng(seed).shuffle([1, 2, 3, 4, 5]);
      firsts.add(shuffled[0]!);
      expect(shuffled.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    }
    expect(firsts.size).toBe(5);
  });

  test('fractions lie in [0, 1)', () => {
    const random = new Prng(3);
    for (let i = 0; i < 1000; i++) {
      const fraction = random.fraction();
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThan(1);
    }
  });
});

test('one changed bit changes about half of the bits of a mixed word', () => {
  let changed = 0;
  for (let bit = 0; bit < 32; bit++) {
    let difference = mix32(12345, 678) ^ mix32(12345, (678 ^ (1 << bit)) >>> 0);
    for (; difference !== 0; difference &= difference - 1) changed++;
  }
  expect(changed / 32).toBeGreaterThan(12);
  expect(changed / 32).toBeLessThan(20);
});

test('texts that differ have words that differ', () => {
  const words = new Set(Array.from({ length: 5000 }, (_, i) => word32(`agent-${i}`)));
  expect(words.size).toBe(5000);
});
