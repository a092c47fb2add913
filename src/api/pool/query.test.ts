import { expect, test } from 'vitest';
import { bytesOf, serverQuery } from './query.ts';

test.each([
  [String.raw`a\n\r\t\0\\b`, [97, 10, 13, 9, 0, 92, 98]],
  [String.raw`\xff\xFF\x00n`, [255, 255, 0, 110]],
  [String.raw`\\n`, [92, 110]],
  ['ä\nb', [0xc3, 0xa4, 10, 98]],
])('the bytes of %s', (text, bytes) => {
  expect(serverQuery.safeParse({ protocol: 'UDP', port: 'game', send: text }).success).toBe(true);
  expect([...bytesOf(text)]).toEqual(bytes);
});

test.each([String.raw`\q`, String.raw`\x1`, String.raw`a\\\ `, '\\', ''])('%s are no bytes', (text) => {
  expect(serverQuery.safeParse({ protocol: 'UDP', port: 'game', send: text }).success).toBe(false);
});
