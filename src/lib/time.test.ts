import { expect, test } from 'vitest';
import { formatTime, parseTime } from './time.ts';

test.each([
  ['2026-01-01T12:00:00Z', 1767268800000],
  ['2026-01-01T13:00:00+01:00', 1767268800000],
  ['2026-01-01T12:00:00.123456Z', 1767268800123],
  ['yesterday', 0],
  ['', 0],
  [undefined, 0],
])('%j is %d', (text, ms) => expect(parseTime(text)).toBe(ms));

test('a time is written to the second, and read back the same', () => {
  expect(formatTime(1767268800999)).toBe('2026-01-01T12:00:00Z');
  expect(parseTime(formatTime(1767268800000))).toBe(1767268800000);
});
