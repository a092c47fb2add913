import { expect, test } from 'vitest';
import { aNode, aPool, aSnapshot } from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { Bundles } from './bundles.ts';

const GPU = 'nvidia.com/gpu';
const snapshot = aSnapshot()
  .with(aNode('n').resource(GPU, '4'))
  .with(aPool('a').cpu('1').memory('2Gi'), aPool('b').cpu('500m').request(GPU, '2'))
  .build();
const bundles = new Bundles(snapshot.columns);
const cpu = snapshot.columns.get('cpu')!;
const memory = snapshot.columns.get('memory')!;
const gpu = snapshot.columns.get(GPU)!;

/** Name, amount and roles that it is reserved to, of each item. */
const written = ({ items }: ReturnType<Bundles['of']>) =>
  items.map(({ kind, amount }) => [kind.name, amount, kind.reservations]);

test('of amounts leaves out what there is none of, and says which column is which', () => {
  const amounts = new Float64Array(snapshot.columns.count);
  amounts[cpu] = 1500;
  amounts[gpu] = 3;
  const bundle = bundles.of(amounts);
  expect(written(bundle)).toEqual([
    ['cpu', 1500, []],
    [GPU, 3, []],
  ]);
  expect(bundle.columns).toEqual([cpu, gpu]);
  expect(bundles.of(new Float64Array(snapshot.columns.count))).toEqual({ items: [], columns: [] });
});

test('of amounts from an offset on, reserved to a role', () => {
  const amounts = new Float64Array(2 * snapshot.columns.count);
  amounts.fill(7, 0, snapshot.columns.count);
  amounts[snapshot.columns.count + memory] = 9;
  expect(written(bundles.of(amounts, snapshot.columns.count, 'red'))).toEqual([['memory', 9, ['red']]]);
  expect(bundles.of(amounts, snapshot.columns.count, 'red').items[0]!.kind).toBe(
    bundles.of(amounts, snapshot.columns.count, 'red').items[0]!.kind,
  );
  expect(written(bundles.of(amounts, snapshot.columns.count, 'blue'))).toEqual([['memory', 9, ['blue']]]);
});

test('of a task is the demand of its row', () => {
  const matrices = buildMatrices(snapshot, snapshot.classes);
  const b = matrices.classes.findIndex(({ shape }) => GPU in shape.demand);
  const named = Object.fromEntries(
    written(bundles.ofTask(matrices, b)).map(([name, amount]) => [name, amount]),
  );
  expect(named).toMatchObject({ cpu: 500, [GPU]: 2 });
  expect(named).not.toHaveProperty('memory');
});

test('columns of accounts and those of the snapshot are found from each other', () => {
  for (const column of [cpu, memory, gpu]) {
    expect(bundles.columnOf(bundles.kindOf(column).column)).toBe(column);
    expect(bundles.kindOf(column)).toMatchObject({
      name: snapshot.columns.names[column],
      type: 'scalar',
      reservations: [],
      revocable: false,
      shared: false,
      disk: '',
      volume: '',
    });
  }
});
