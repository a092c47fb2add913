import { expect, test } from 'vitest';
import { bundle, byName } from './books.test-helper.ts';
import { Ledger } from './ledger.ts';
import { SorterTotals } from './sorter-totals.ts';

const VOLUME = bundle('disk(a){VOLUME=v,SHARED}:10');

test('a ledger sums scalars by name, whatever their form', () => {
  const ledger = new Ledger();
  ledger.add('A', bundle('cpus:1;cpus(a):2;cpus{REV}:4;ports:[1-9];zones:{a}'));
  ledger.add('A', bundle('cpus:1;mem:3'), 3);
  expect(byName(ledger.allocated)).toEqual({ cpus: 10_000, mem: 9000 });
  ledger.subtract('A', bundle('cpus:1;mem:9;ports:[1-3]'));
  expect(byName(ledger.allocated)).toEqual({ cpus: 9000 });
});

test('a shared thing counts as long as a copy of it is out, once an agent', () => {
  const ledger = new Ledger();
  const disk = () => byName(ledger.allocated)['disk'] ?? 0;
  ledger.add('A', VOLUME, 2);
  expect(disk()).toBe(10_000);
  ledger.add('B', VOLUME);
  ledger.add('A', bundle('disk(a){VOLUME=other,SHARED}:1'));
  expect(disk()).toBe(21_000);
  ledger.subtract('A', VOLUME);
  expect(disk()).toBe(21_000);
  ledger.subtract('A', VOLUME);
  expect(disk()).toBe(11_000);
  ledger.subtract('B', VOLUME);
  expect(disk()).toBe(1000);
  ledger.add('A', VOLUME);
  expect(disk()).toBe(11_000);
});

test('totals sum scalars, and grow older with every change', () => {
  const totals = new SorterTotals();
  totals.add(bundle('cpus:2;cpus(a):1;ports:[1-9]'));
  expect([byName(totals.amounts), totals.version]).toEqual([{ cpus: 3000 }, 1]);
  totals.remove(bundle('cpus:1'));
  expect([byName(totals.amounts), totals.version]).toEqual([{ cpus: 2000 }, 2]);
  totals.add(bundle(''));
  expect(totals.version).toBe(2);
});
