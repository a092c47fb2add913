import { expect, test } from 'vitest';
import { FailingCycles } from './failing-cycles.ts';

test('cycles that fail for half a minute are a trouble, until one passes', () => {
  const cycles = new FailingCycles();
  expect(cycles.trouble(0)).toBeUndefined();
  expect([cycles.failed(1000), cycles.failed(2000)]).toEqual([true, false]);
  expect(cycles.trouble(30_999)).toBeUndefined();
  expect(cycles.trouble(31_000)).toBe('placement cycles keep failing, see the log');
  cycles.passed();
  expect(cycles.trouble(31_000)).toBeUndefined();
  expect(cycles.failed(40_000)).toBe(true);
});
