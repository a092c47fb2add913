import { describe, expect, test } from 'vitest';
import { bundle } from './books.test-helper.ts';
import { DrfSorter } from './drf-sorter.ts';
import { SorterTotals } from './sorter-totals.ts';
import type { Client } from './sorter-node.ts';

/** A sorter by dominant share with its clients by path, all active unless said. */
class Shape {
  readonly totals = new SorterTotals();
  readonly sorter = new DrfSorter<string>(this.totals);
  readonly clients: Record<string, Client<string>> = {};

  constructor(...paths: string[]) {
    this.totals.add(bundle('cpus:100;mem:100;disk:100'));
    this.add(...paths);
  }

  add(...paths: string[]): this {
    for (const path of paths) this.sorter.activate((this.clients[path] = this.sorter.add(path, path)));
    return this;
  }

  get(path: string, text: string, times = 1, agent = 'A'): this {
    this.sorter.allocate(this.clients[path]!, agent, bundle(text), times);
    return this;
  }

  remove(path: string): this {
    this.sorter.remove(this.clients[path]!);
    return this;
  }

  share(path: string): number {
    return this.sorter.shareOf(this.clients[path]!);
  }

  /** Clients that bear one of the marks, in order. */
  walk(marks: number): string[] {
    const found: string[] = [];
    this.sorter.start();
    for (let next = this.sorter.next(marks); next !== null; next = this.sorter.next(marks))
      found.push(next.path);
    return found;
  }
}

describe('a client that others come below', () => {
  test('takes its marks, its rest and all that it has along, and back', () => {
    const shape = new Shape('a', 'b').get('a', 'disk(a){VOLUME=v,SHARED}:10', 2).get('a', 'cpus:20', 3);
    shape.sorter.mark(shape.clients['a']!, 2);
    shape.add('a/x');
    expect([shape.share('a'), shape.walk(2), shape.walk(1)]).toEqual([0.6, ['b', 'a/x', 'a'], ['b', 'a/x']]);
    // Of the two copies one goes: the volume is still there.
    shape.sorter.unallocate(shape.clients['a']!, 'A', bundle('disk(a){VOLUME=v,SHARED}:10'));
    shape.sorter.unallocate(shape.clients['a']!, 'A', bundle('cpus:60'));
    expect(shape.share('a')).toBe(0.1);
    shape.remove('a/x');
    expect([shape.share('a'), shape.walk(2), shape.walk(1)]).toEqual([0.1, ['b', 'a'], ['b']]);
    shape.get('a', 'disk(a){VOLUME=v,SHARED}:10');
    expect(shape.share('a')).toBe(0.1);
  });

  test('stays inactive if it was, while it has some below it and after', () => {
    const shape = new Shape('a', 'b');
    shape.sorter.deactivate(shape.clients['a']!);
    shape.add('a/x');
    expect(shape.sorter.order()).toEqual(['a/x', 'b']);
    shape.remove('a/x');
    expect(shape.sorter.order()).toEqual(['b']);
    expect(shape.walk(1)).toEqual(['b']);
    shape.sorter.activate(shape.clients['a']!);
    expect(shape.sorter.order()).toEqual(['a', 'b']);
  });

  test('keeps its rank among its own and among its siblings', () => {
    const shape = new Shape('b');
    shape.sorter.activate((shape.clients['a'] = shape.sorter.add('a', 'a', 5)));
    shape.get('a', 'cpus:50');
    expect(shape.sorter.order()).toEqual(['a', 'b']);
    // In the tree the rank is that of the client alone: what is above it goes by its share.
    shape.add('a/x');
    expect(shape.sorter.order()).toEqual(['b', 'a', 'a/x']);
    shape.remove('a/x');
    expect(shape.sorter.order()).toEqual(['a', 'b']);
  });

  test('goes while others stay below it', () => {
    const shape = new Shape('a', 'a/x', 'b').get('a', 'cpus:50').get('b', 'cpus:10');
    expect(shape.sorter.order()).toEqual(['b', 'a/x', 'a']);
    shape.remove('a');
    expect(shape.sorter.order()).toEqual(['a/x', 'b']);
    shape.add('a');
    expect(shape.sorter.order()).toEqual(['a', 'a/x', 'b']);
  });
});

describe('a branch', () => {
  test('goes with its last client, and begins anew with nothing', () => {
    const shape = new Shape('a/b/c', 'z').get('a/b/c', 'cpus:50').remove('a/b/c');
    expect(shape.sorter.order()).toEqual(['z']);
    shape.add('a/b/d');
    expect([shape.sorter.order(), shape.share('a/b/d')]).toEqual([['a/b/d', 'z'], 0]);
    shape.remove('z').remove('a/b/d');
    expect(shape.sorter.order()).toEqual([]);
    expect(shape.walk(7)).toEqual([]);
  });

  test('has the weight that was set for its path before it was there, at any depth', () => {
    const shape = new Shape();
    shape.sorter.setWeight('a/b', 4);
    shape.sorter.setWeight('b', 0.1);
    shape.add('a/b/c', 'a/x', 'b').get('a/b/c', 'cpus:8').get('a/x', 'cpus:4');
    expect(shape.sorter.order()).toEqual(['b', 'a/b/c', 'a/x']);
    shape.get('b', 'cpus:2');
    expect(shape.sorter.order()).toEqual(['a/b/c', 'a/x', 'b']);
  });

  test('follows what its clients exchange', () => {
    const shape = new Shape('a/x', 'b').get('a/x', 'cpus:5').get('b', 'cpus:4');
    expect(shape.sorter.order()).toEqual(['b', 'a/x']);
    shape.sorter.update(shape.clients['a/x']!, 'A', bundle('cpus:5'), bundle('cpus(a):3'));
    expect([shape.sorter.order(), shape.share('a/x')]).toEqual([['a/x', 'b'], 0.03]);
    shape.sorter.unallocate(shape.clients['b']!, 'A', bundle('cpus:2'));
    expect(shape.sorter.order()).toEqual(['b', 'a/x']);
  });

  test('without an active client is passed over', () => {
    const shape = new Shape('a/x', 'a/y', 'b');
    for (const path of ['a/x', 'a/y']) shape.sorter.deactivate(shape.clients[path]!);
    expect([shape.sorter.order(), shape.walk(7)]).toEqual([['b'], ['b']]);
    shape.sorter.activate(shape.clients['a/y']!);
    expect(shape.walk(7)).toEqual(['a/y', 'b']);
  });
});

describe('marks', () => {
  test('are found below any depth, and lost when their last bearer loses them', () => {
    const shape = new Shape('a/b/c', 'a/b/d', 'a/e', 'f');
    expect(shape.walk(8)).toEqual([]);
    shape.sorter.mark(shape.clients['a/b/d']!, 8);
    expect([shape.walk(8), shape.walk(1)]).toEqual([['a/b/d'], ['a/b/c', 'a/e', 'f']]);
    shape.sorter.mark(shape.clients['a/b/d']!, 8);
    shape.sorter.mark(shape.clients['a/e']!, 8);
    shape.sorter.mark(shape.clients['a/b/d']!, 0);
    expect(shape.walk(8)).toEqual(['a/e']);
    shape.sorter.deactivate(shape.clients['a/e']!);
    expect(shape.walk(8)).toEqual([]);
    shape.sorter.activate(shape.clients['a/e']!);
    expect(shape.walk(8)).toEqual(['a/e']);
    shape.remove('a/e');
    expect(shape.walk(8)).toEqual([]);
  });

  test('may be set before the client is active', () => {
    const shape = new Shape('b');
    const client = shape.sorter.add('a/x', 'a/x');
    shape.sorter.mark(client, 8);
    expect(shape.walk(8)).toEqual([]);
    shape.sorter.activate(client);
    expect([shape.walk(8), shape.walk(1)]).toEqual([['a/x'], ['b']]);
  });

  test('of a client can change in the course of a walk', () => {
    const shape = new Shape('a', 'b', 'c');
    shape.sorter.start();
    expect(shape.sorter.next(1)!.path).toBe('a');
    shape.sorter.mark(shape.clients['b']!, 2);
    expect(shape.sorter.next(1)!.path).toBe('c');
    expect(shape.sorter.next(1)).toBeNull();
    expect(shape.sorter.next(1)).toBeNull();
  });
});

describe('many clients', () => {
  const names = Array.from({ length: 60 }, (_, i) => `c${String(i).padStart(2, '0')}`);

  test('that change together stand in order, and those that do not too', () => {
    const shape = new Shape(...names);
    expect(shape.sorter.order()).toEqual(names);
    for (const [i, name] of names.entries()) shape.get(name, 'mem:0.001', 60 - i);
    expect(shape.sorter.order()).toEqual(names.toReversed());
    for (const name of names.slice(0, 20)) shape.get(name, 'mem:1');
    expect(shape.sorter.order()).toEqual([
      ...names.slice(20).toReversed(),
      ...names.slice(0, 20).toReversed(),
    ]);
    // Few of many: each is put into its place.
    for (const name of names.slice(0, 3)) shape.get(name, 'mem:1');
    expect(shape.sorter.order().slice(-4)).toEqual(['c03', 'c02', 'c01', 'c00']);
    shape.sorter.deactivate(shape.clients['c59']!);
    expect(shape.sorter.order()[0]).toBe('c58');
  });

  test('go and come while others change', () => {
    const shape = new Shape(...names);
    for (const name of names) shape.get(name, 'mem:1');
    for (const name of names.slice(0, 30)) shape.remove(name);
    expect(shape.sorter.order()).toEqual(names.slice(30));
    shape.add(...names.slice(0, 30));
    expect(shape.sorter.order()).toEqual(names);
    for (const name of names) shape.sorter.deactivate(shape.clients[name]!);
    expect(shape.sorter.order()).toEqual([]);
    for (const name of names.slice(0, 2)) shape.sorter.activate(shape.clients[name]!);
    expect(shape.sorter.order()).toEqual(names.slice(0, 2));
  });

  test('in branches follow a change of the totals', () => {
    const shape = new Shape(...names.map((name) => `top/${name}`), 'other');
    for (const [i, name] of names.entries()) shape.get(`top/${name}`, i % 2 === 0 ? 'mem:1' : 'cpus:1');
    shape.get('other', 'mem:31');
    expect(shape.sorter.order().at(-1)).toBe('other');
    shape.totals.add(bundle('mem:100'));
    const order = shape.sorter.order();
    expect(order[0]).toBe('other');
    expect(order.slice(1)).toEqual(
      [0, 1].flatMap((odd) => names.filter((_, i) => i % 2 === odd)).map((name) => `top/${name}`),
    );
  });
});
