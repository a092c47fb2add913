import { expect, test } from 'vitest';
import { compareVersions } from './resource-version.ts';

test.each([
  ['9', '10', -1],
  ['10', '9', 1],
  ['100', '100', 0],
  ['123456789012345678901', '123456789012345678902', -1],
  ['', '1', 0],
  ['v1', '2', 0],
])('%s against %s', (a, b, want) => {
  expect(Math.sign(compareVersions(a, b))).toBe(want);
});
