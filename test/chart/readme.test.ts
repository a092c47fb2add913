import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHART, chartFile } from './helm.ts';
import { type Schema, valuesTable } from './values-table.ts';

const BEGIN = '<!-- values: begin -->\n';
const END = '\n<!-- values: end -->';

test('the table of values in README.md is that of the schema (UPDATE_GOLDEN=1 rewrites it)', async () => {
  const readme = await chartFile('README.md');
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  expect(begin).toBeGreaterThan(0);
  expect(end).toBeGreaterThan(begin);
  const table = valuesTable(
    JSON.parse(await chartFile('values.schema.json')) as Schema,
    parse(await chartFile('values.yaml')) as unknown,
  );
  const want = readme.slice(0, begin + BEGIN.length) + table + readme.slice(end);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(join(CHART, 'README.md'), want);
  expect(await chartFile('README.md')).toBe(want);
});
