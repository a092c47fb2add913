import { expect, test } from 'vitest';
import { tableLines } from './table.ts';

test('a table has any number of rows', () => {
  const columns = ['POD', 'NODE'];
  const rows = Array.from({ length: 200_000 }, (_, i) => [`pod-${i}`, 'n1']);
  expect(tableLines(columns, rows).slice(0, 2)).toEqual(['POD          NODE', 'pod-0        n1']);
});
