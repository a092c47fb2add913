import { describe, expect, test } from 'vitest';
import { bundle } from './books.test-helper.ts';
import { RandomSorter } from './random-sorter.ts';
import { SorterTotals } from './sorter-totals.ts';
import { ALL_MARKS } from './sorter.ts';
import type { Client } from './sorter-node.ts';
import { columnsOf } from '../resources/resource-kind.ts';

/** A sorter with its clients by path, all active. */
function sorterOf(...paths: string[]) {
  const totals = new SorterTotals();
  totals.add(bundle('cpus:10;gpus:10'));
  const sorter = new RandomSorter<string>(totals, columnsOf(['gpus']));
  const clients: Record<string, Client<string>> = {};
  for (const path of paths) sorter.activate((clients[path] = sorter.add(path, path)));
  const walk = (key: number, marks = ALL_MARKS): string[] => {
    sorter.start(key);
    const order: string[] = [];
    for (let next = sorter.next(marks); next !== null; next = sorter.next(marks)) order.push(next.path);
    return order;
  };
  /** How often each came first, of 400 walks. */
  const firsts = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let key = 0; key < 400; key++) {
      const path = walk(key)[0]!;
      counts[path] = (counts[path] ?? 0) + 1;
    }
    return counts;
  };
  return { sorter, clients, walk, firsts };
}

describe('a walk by lot', () => {
  test('meets the active clients that there are, each once', () => {
    const { sorter, clients, walk } = sorterOf('a', 'b', 'c/x');
    expect(walk(1).sort()).toEqual(['a', 'b', 'c/x']);
    sorter.deactivate(clients['b']!);
    expect(walk(1).sort()).toEqual(['a', 'c/x']);
    sorter.deactivate(clients['b']!);
    sorter.activate(clients['b']!);
    sorter.activate(clients['b']!);
    sorter.add('new', 'new');
    expect(walk(1).sort()).toEqual(['a', 'b', 'c/x']);
    sorter.remove(clients['c/x']!);
    expect(walk(1).sort()).toEqual(['a', 'b']);
  });

  test('meets nobody where there is nobody, or nobody is active', () => {
    expect(sorterOf().walk(1)).toEqual([]);
    const { sorter, clients, walk } = sorterOf('a/b');
    sorter.deactivate(clients['a/b']!);
    expect(walk(1)).toEqual([]);
  });

  test('passes over those that do not bear the mark', () => {
    const { sorter, clients, walk } = sorterOf('a', 'b', 'c');
    sorter.mark(clients['a']!, 1);
    sorter.mark(clients['b']!, 2);
    sorter.mark(clients['c']!, 0);
    expect([walk(1, 1), walk(1, 2), walk(1, 3).sort()]).toEqual([['a'], ['b'], ['a', 'b']]);
  });

  test('goes on where it was, and starts anew with all', () => {
    const { sorter, walk } = sorterOf('a', 'b', 'c', 'd', 'e');
    const whole = walk(5);
    sorter.start(5);
    expect([sorter.next(ALL_MARKS)!.path, sorter.next(ALL_MARKS)!.path]).toEqual(whole.slice(0, 2));
    expect(walk(5)).toEqual(whole);
  });

  test('hangs on who there is and on the keys, not on who came first', () => {
    const paths = ['a', 'b', 'c/x', 'c/y', 'd', 'e/f/g', 'c'];
    const there = sorterOf(...paths);
    const back = sorterOf(...paths.toReversed());
    for (let key = 0; key < 20; key++) expect(back.walk(key)).toEqual(there.walk(key));
  });

  test('knows the weights of the moment', () => {
    const { sorter, firsts } = sorterOf('a', 'b', 'c', 'd');
    sorter.setWeight('a', 1e6);
    expect(firsts()).toEqual({ a: 400 });
    sorter.setWeight('a', 1e-6);
    sorter.setWeight('c', 1e6);
    expect(firsts()).toEqual({ c: 400 });
  });

  test('gives a subtree one chance, whoever is active in it', () => {
    const { sorter, clients, firsts } = sorterOf('a', 'b/x', 'b/y', 'b/z');
    sorter.deactivate(clients['b/z']!);
    const { a, ...below } = firsts();
    expect(a! > 160 && a! < 240).toBe(true);
    expect(Object.keys(below).sort()).toEqual(['b/x', 'b/y']);
    for (const count of Object.values(below)) expect(count > 70 && count < 130).toBe(true);
  });
});

test('turns are of one, since lots are drawn for each', () => {
  expect(sorterOf('a').sorter.turn()).toBe(1);
});

test('shares are known although the order does not go by them', () => {
  const { sorter, clients } = sorterOf('a', 'b');
  const share = () => sorter.shareOf(clients['a']!);
  sorter.allocate(clients['a']!, 'A', bundle('cpus:2;gpus:9'), 2);
  expect(share()).toBe(0.4);
  sorter.update(clients['a']!, 'A', bundle('cpus:2'), bundle('cpus(a):1'));
  expect(share()).toBe(0.3);
  sorter.unallocate(clients['a']!, 'A', bundle('cpus:2'));
  expect(share()).toBe(0.1);
  sorter.setWeight('a', 2);
  expect(share()).toBe(0.05);
});

test('a rank is not looked at', () => {
  const { sorter, firsts } = sorterOf('a');
  sorter.activate(sorter.add('b', 'b', 9));
  expect(Object.keys(firsts()).sort()).toEqual(['a', 'b']);
});
