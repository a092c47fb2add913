import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultPenalty, fullness, MAX_SCORE, nodeScore } from './priority.ts';

const full = (allocatable: number[], supply: number[], demand: number[]) =>
  fullness(
    Float64Array.from(allocatable),
    Float64Array.from(supply),
    Float64Array.from(demand),
    0,
    0,
    allocatable.length,
  );

test.each([
  ['an empty agent with a small task', [4000, 8192], [4000, 8192], [400, 0], 50],
  ['an agent that is half full', [4000, 8192], [2000, 4096], [0, 0], 500],
  ['one that the task fills up', [4000, 8192], [1000, 1024], [1000, 1024], 1000],
  ['one whose memory alone is full', [4000, 8192], [4000, 0], [0, 0], 500],
  ['other resources do not count', [4000, 8192, 8], [4000, 8192, 0], [0, 0, 8], 0],
  ['an agent without cpu', [0, 8192], [0, 0], [0, 0], 500],
  ['a task that is larger than the agent', [1000, 1024], [1000, 1024], [9000, 9000], 1000],
])('fullness: %s', (_, allocatable, supply, demand, score) =>
  expect(full(allocatable, supply, demand)).toBe(score),
);

test('packing prefers the fuller agent, spreading the emptier, and more room never looks fuller', () => {
  const room = fc.integer({ min: 0, max: 4000 });
  fc.assert(
    fc.property(room, room, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map((cpu) =>
        full([4000, 8192], [cpu, 4096], [100, 64]),
      );
      expect(less).toBeGreaterThanOrEqual(more!);
      expect(nodeScore('Packed', less!)).toBeGreaterThanOrEqual(nodeScore('Packed', more!));
      expect(nodeScore('Distributed', less!)).toBeLessThanOrEqual(nodeScore('Distributed', more!));
    }),
  );
});

test('an agent that is avoided for pressure comes after every healthy one, however the scores', () => {
  expect(faultPenalty(0)).toBe(0);
  expect(faultPenalty(Math.fround(0.6))).toBe(1200);
  expect(nodeScore('Packed', MAX_SCORE) - faultPenalty(0.6)).toBeLessThan(nodeScore('Packed', 0));
});
