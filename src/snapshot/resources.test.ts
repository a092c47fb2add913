import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountsOf, formatAmount, ResourceColumns, saturatingAdd } from './resources.ts';

test('amounts are milli-cpu, bytes, and counts', () => {
  const map = {
    cpu: '1.5',
    memory: '1.3Gi',
    'ephemeral-storage': 1048577,
    'hugepages-2Mi': '4Mi',
    'nvidia.com/gpu': '2',
    'example.com/bandwidth': '10G',
  };
  const down = {
    cpu: 1500,
    memory: 1395864371,
    'ephemeral-storage': 1048577,
    'hugepages-2Mi': 4 * 2 ** 20,
    'nvidia.com/gpu': 2,
    'example.com/bandwidth': 1e10,
  };
  expect(amountsOf(map, 'down')).toEqual(down);
  expect(amountsOf(map, 'up')).toEqual({ ...down, memory: 1395864372 });
  expect(amountsOf(undefined, 'up')).toEqual({});
});

test('what a column cannot hold exactly counts as the largest amount, and quota may be more', () => {
  const map = { cpu: '1E', memory: '9Pi', 'a.b/c': '9007199254740991' };
  expect(amountsOf(map, 'up')).toEqual({ cpu: 2 ** 53, memory: 2 ** 53, 'a.b/c': 2 ** 53 - 1 });
  expect(amountsOf({ memory: '50Pi' }, 'down', Infinity)).toEqual({ memory: 50 * 2 ** 50 });
});

test.each([
  ['cpu', 0, '0'],
  ['cpu', 2000, '2'],
  ['cpu', 1500, '1500m'],
  ['memory', 0, '0'],
  ['memory', 512 * 2 ** 20, '512Mi'],
  ['memory', 2 ** 31, '2Gi'],
  ['memory', 2 ** 53, '8Pi'],
  ['memory', 1536 * 2 ** 20, '1536Mi'],
  ['memory', 4e9, '4G'],
  ['memory', 2 ** 30 + 1, '1073741825'],
  ['hugepages-1Gi', 2 ** 30, '1Gi'],
  ['nvidia.com/gpu', 1024, '1024'],
  ['nvidia.com/gpu', 2000, '2000'],
  ['example.com/bandwidth', 1e10, '10G'],
])('%s: %d is written %s', (name, amount, text) => expect(formatAmount(name, amount)).toBe(text));

test('what is written is the amount', () => {
  const amount = fc.oneof(
    fc.maxSafeNat(),
    fc
      .tuple(fc.nat(4096), fc.constantFrom(1000, 1024), fc.nat(4))
      .map(([n, base, power]) => n * base ** power),
  );
  fc.assert(
    fc.property(fc.constantFrom('cpu', 'memory', 'a.b/c'), amount, (name, value) => {
      expect(amountsOf({ [name]: formatAmount(name, value) }, 'up')).toEqual({ [name]: value });
    }),
  );
});

test('sums stop at the range of a column', () => {
  expect(saturatingAdd(1, 2)).toBe(3);
  expect(saturatingAdd(2 ** 53 - 8, 16)).toBe(2 ** 53);
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
