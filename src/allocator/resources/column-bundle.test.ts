import { expect, test } from 'vitest';
import { bundleOf } from './column-bundle.ts';

test('amounts are counted under their own columns, in their own units; those of nothing are left out', () => {
  const { items } = bundleOf([2000, 0, 30]);
  expect(items.map(({ kind, amount }) => [kind.column, amount])).toEqual([
    [0, 2000],
    [2, 30],
  ]);
  expect(items.every(({ kind }) => kind.type === 'scalar' && kind.plain && !kind.shared)).toBe(true);
  expect(bundleOf(new Float64Array(3)).items).toEqual([]);
});

test('they may be reserved for a role, and are not plain then', () => {
  const { items } = bundleOf(Float64Array.of(5), 'a/b');
  expect(items).toMatchObject([{ amount: 5, kind: { column: 0, reservedTo: 'a/b', plain: false } }]);
});
