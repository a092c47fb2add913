import { expect, test } from 'vitest';
import { amountsOf, formatAmount, ResourceColumns, saturatingAdd } from './resources.ts';

test('amounts are milli-cpu, MiB for bytes, and counts', () => {
  const map = {
    cpu: '1.5',
    memory: '1Gi',
    'ephemeral-storage': 1048577,
    'hugepages-2Mi': '4Mi',
    'nvidia.com/gpu': '2',
  };
  const down = { cpu: 1500, memory: 1024, 'ephemeral-storage': 1, 'hugepages-2Mi': 4, 'nvidia.com/gpu': 2 };
  expect(amountsOf(map, 'down')).toEqual(down);
  expect(amountsOf(map, 'up')).toEqual({ ...down, 'ephemeral-storage': 2 });
  expect(amountsOf(undefined, 'up')).toEqual({});
});

test.each([
  ['cpu', 0, '0'],
  ['cpu', 2000, '2'],
  ['cpu', 1500, '1500m'],
  ['memory', 0, '0Mi'],
  ['memory', 512, '512Mi'],
  ['memory', 2048, '2Gi'],
  ['hugepages-1Gi', 1024, '1Gi'],
  ['nvidia.com/gpu', 1024, '1024'],
])('%s: %d is written %s', (name, amount, text) => expect(formatAmount(name, amount)).toBe(text));

test('sums stop at the range of a column', () => {
  expect(saturatingAdd(1, 2)).toBe(3);
  expect(saturatingAdd(0x7fff_fff0, 0x7fff_fff0)).toBe(0x7fff_ffff);
});

test('columns: four that are always there, then others in the order of first sight', () => {
  const columns = new ResourceColumns();
  expect([columns.add('b/gpu'), columns.add('memory'), columns.add('a/fpga'), columns.add('b/gpu')]).toEqual([
    4, 1, 5, 4,
  ]);
  expect(columns.names).toEqual(['cpu', 'memory', 'ephemeral-storage', 'pods', 'b/gpu', 'a/fpga']);
  expect([columns.get('a/fpga'), columns.get('c/asic'), columns.count]).toEqual([5, undefined, 6]);
});

test('what only tasks ask for shares one column, the last, however much it is', () => {
  const columns = new ResourceColumns();
  columns.add('a/gpu');
  columns.share({ cpu: 1, 'a/gpu': 1, 'b/none': 0 });
  expect([columns.count, columns.shared]).toEqual([5, undefined]);
  const invented = { cpu: 1, 'c/x': 2, constructor: 3, 'd/y': 0 };
  columns.share(invented);
  columns.share({ 'e/z': 1 });
  expect([columns.count, columns.shared, columns.get('c/x')]).toEqual([6, 5, undefined]);
  expect([0, 4, 5].map((column) => columns.namesIn(invented, column))).toEqual([
    ['cpu'],
    ['a/gpu'],
    ['c/x', 'constructor'],
  ]);
});
