import { expect, test } from 'vitest';
import { boundedText, listed, MOST_BYTES } from './bounded-text.ts';

test('a message of any length becomes one of at most 1,024 bytes, which says that it was cut', () => {
  const whole = 'x'.repeat(MOST_BYTES);
  expect(boundedText(whole)).toBe(whole);
  expect(boundedText('')).toBe('');
  expect(boundedText(`${whole}y`)).toBe(`${whole.slice(4)} ...`);
});

test('characters of more than one byte count as they are written, and none is cut in two', () => {
  const cut = boundedText(`x${'\u{1F600}'.repeat(MOST_BYTES)}`);
  expect(cut).toBe(`x${'\u{1F600}'.repeat(254)} ...`);
  expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(MOST_BYTES);
});

test.each([
  [0, ''],
  [1, 'a0'],
  [9, 'a0, a1, a2, a3, a4, a5, a6, a7, a8'],
  [10, 'a0, a1, a2, a3, a4, a5, a6, a7 and 2 more'],
])('%d things are listed as %j', (count, text) => {
  expect(listed(Array.from({ length: count }, (_, i) => `a${i}`))).toBe(text);
});
