import { expect, test } from 'vitest';
import { aNode, aPool, aSnapshot } from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { columnOf } from '../resources/resource-kind.ts';
import { Bundles } from './bundles.ts';

const snapshot = aSnapshot()
  .with(aNode('n').cpu('10').memory('10Gi'), aPool('p').replicas(1).cpu('2').memory('1Gi'))
  .build();
const { columns } = snapshot;
const bundles = new Bundles(columns);
const amounts = Float64Array.from({ length: columns.count }, (_, r) => (r === 1 ? 0 : (r + 1) * 10));

/** Name, amount and role of each item. */
const told = (bundle: ReturnType<Bundles['of']>) =>
  bundle.items.map(({ kind, amount }) => `${kind.name} ${amount} ${kind.reservedTo}`.trim());

test('amounts in columns of a snapshot are a bundle of its names; those of nothing are left out', () => {
  const names = columns.names.filter((_, r) => r !== 1);
  const bundle = bundles.of(amounts);
  expect(told(bundle)).toEqual(names.map((name) => `${name} ${(columns.names.indexOf(name) + 1) * 10}`));
  expect(bundle.columns).toEqual(names.map((name) => columns.names.indexOf(name)));
  expect(told(bundles.of(new Float64Array(columns.count)))).toEqual([]);
});

test('they may begin at an offset, and be reserved for a role', () => {
  const two = [...Array.from({ length: columns.count }, () => 0), ...amounts];
  expect(bundles.of(two, columns.count)).toEqual(bundles.of(amounts));
  expect(told(bundles.of(amounts, 0, 'a/b'))).toEqual(told(bundles.of(amounts)).map((text) => `${text} a/b`));
  expect(bundles.of(amounts, 0, 'a/b').items[0]!.kind).toBe(bundles.of(amounts, 0, 'a/b').items[0]!.kind);
  expect(told(bundles.of(amounts, 0, 'c'))[0]).toBe(`${columns.names[0]} 10 c`);
});

test('a task of a row is what its class asks for', () => {
  const matrices = buildMatrices(snapshot, snapshot.classes);
  expect(told(bundles.ofTask(matrices, 0))).toEqual(told(bundles.of(matrices.demand)));
  expect(bundles.ofTask(matrices, 0).items[0]!.amount).toBe(2000);
});

test('columns are found both ways', () => {
  for (const [r, name] of columns.names.entries()) {
    const kind = bundles.kindOf(r);
    expect([kind.name, kind.column, kind.plain]).toEqual([name, columnOf(name), true]);
    expect(bundles.columnOf(kind.column)).toBe(r);
  }
});
