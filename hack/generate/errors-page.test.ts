import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from '../../src/lib/errors.ts';

test('every code that the source raises is in the table, and the table has no other', () => {
  const root = join(import.meta.dirname, '../../src');
  const files = globSync('**/*.ts', { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts') && file !== 'lib/errors.ts',
  );
  expect(files.length).toBeGreaterThan(50);
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const raised =
    text.match(/(?<=code = '|code: ')PROFFER_[A-Z_]+|(?<=')PROFFER_(KUBE|ALLOCATION)_[A-Z_]+/g) ?? [];
  const codes = new Set([...raised, 'PROFFER_CONFIG']);
  expect([...codes].sort()).toEqual(Object.keys(errorCodes).sort());
});
