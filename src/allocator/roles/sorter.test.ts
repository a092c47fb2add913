import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DrfSorter } from './drf-sorter.ts';
import { RandomSorter } from './random-sorter.ts';
import { parseResources } from '../resources/resources.ts';
import { SorterTotals } from './sorter-totals.ts';
import type { Client } from './sorter-node.ts';
import { ALL_MARKS } from './sorter.ts';
import { columnsOf } from '../resources/resource-kind.ts';

const bundle = (text: string) => parseResources(text, 'test');

/** A sorter with its clients by path, driven as the sorter-only scenarios drive it. */
class Bench {
  readonly totals = new SorterTotals();
  readonly sorter: DrfSorter<string>;
  readonly clients = new Map<string, Client<string>>();

  constructor(total: string, excluded: string[] = []) {
    this.totals.add(bundle(total));
    this.sorter = new DrfSorter(this.totals, columnsOf(excluded));
  }

  add(...paths: string[]): this {
    for (const path of paths) {
      this.clients.set(path, this.sorter.add(path, path));
      this.sorter.activate(this.clients.get(path)!);
    }
    return this;
  }

  allocate(path: string, text: string): this {
    this.sorter.allocate(this.clients.get(path)!, 'A', bundle(text));
    return this;
  }

  unallocate(path: string, text: string): this {
    this.sorter.unallocate(this.clients.get(path)!, 'A', bundle(text));
    return this;
  }

  get order(): string[] {
    return this.sorter.order();
  }

  share(path: string): number {
    return this.sorter.shareOf(this.clients.get(path)!);
  }
}

describe('the sorter by dominant share', () => {
  test("serves the DRF paper's example in its order, with its shares", () => {
    const bench = new Bench('cpus:9;mem:18').add('A', 'B');
    const task: Record<string, string> = { A: 'cpus:1;mem:4', B: 'cpus:3;mem:1' };
    // Of two equals the paper serves B first, the sorter the lesser name; from then on nothing is equal.
    bench.allocate('B', task['B']!);
    const served = ['B'];
    const used = ['3/9 1/18'];
    let cpus = 3;
    let mem = 1;
    while (served.length < 5) {
      const next = bench.order[0]!;
      served.push(next);
      bench.allocate(next, task[next]!);
      cpus += next === 'A' ? 1 : 3;
      mem += next === 'A' ? 4 : 1;
      used.push(`${cpus}/9 ${mem}/18`);
    }
    expect(served).toEqual(['B', 'A', 'A', 'B', 'A']);
    expect(used).toEqual(['3/9 1/18', '4/9 5/18', '5/9 9/18', '8/9 10/18', '9/9 14/18']);
    expect(bench.share('A')).toBe(2 / 3);
    expect(bench.share('B')).toBe(2 / 3);
  });

  test('of equal shares the one served less often comes first, then the one of the lesser path', () => {
    const bench = new Bench('cpus:10').add('b', 'a', 'c');
    expect(bench.order).toEqual(['a', 'b', 'c']);
    bench.allocate('a', 'cpus:1').unallocate('a', 'cpus:1');
    expect(bench.order).toEqual(['b', 'c', 'a']);
  });

  test('the count stays when a client is deactivated', () => {
    const bench = new Bench('cpus:10').add('a', 'b');
    bench.allocate('a', 'cpus:1').unallocate('a', 'cpus:1');
    bench.sorter.deactivate(bench.clients.get('a')!);
    expect(bench.order).toEqual(['b']);
    bench.sorter.activate(bench.clients.get('a')!);
    expect(bench.order).toEqual(['b', 'a']);
  });

  test('a share is divided by the weight, which may be set before the client comes', () => {
    const bench = new Bench('cpus:10');
    bench.sorter.setWeight('b', 2);
    bench.add('a', 'b').allocate('a', 'cpus:3').allocate('b', 'cpus:4');
    expect(bench.share('b')).toBe(0.2);
    expect(bench.order).toEqual(['b', 'a']);
    bench.sorter.setWeight('b', 1);
    expect(bench.order).toEqual(['a', 'b']);
  });

  test('excluded names, and names that the cluster lacks, do not count', () => {
    const bench = new Bench('cpus:10;gpus:1', ['gpus']).add('a', 'b');
    bench.allocate('a', 'gpus:1;cpus:1').allocate('b', 'cpus:2;foo:9');
    expect(bench.order).toEqual(['a', 'b']);
    expect(bench.share('b')).toBe(0.2);
  });

  test('reserved, revocable and plain amounts of a name add up', () => {
    const bench = new Bench('cpus:10').add('a');
    bench.allocate('a', 'cpus:1;cpus(a):2;cpus{REV}:3');
    expect(bench.share('a')).toBe(0.6);
  });

  test('a subtree stands by all that is allocated in it, and is walked as a whole', () => {
    const bench = new Bench('cpus:100').add('a/x', 'a/y', 'b');
    bench.allocate('a/x', 'cpus:5').allocate('a/y', 'cpus:4').allocate('b', 'cpus:8');
    expect(bench.order).toEqual(['b', 'a/y', 'a/x']);
    bench.allocate('b', 'cpus:8');
    expect(bench.order).toEqual(['a/y', 'a/x', 'b']);
  });

  test('a client with others below it goes on as a virtual leaf of weight one, with its count', () => {
    const bench = new Bench('cpus:100');
    bench.sorter.setWeight('a', 4);
    bench.add('a', 'b').allocate('a', 'cpus:8').allocate('b', 'cpus:3');
    expect(bench.order).toEqual(['a', 'b']);
    bench.add('a/z');
    expect(bench.order).toEqual(['a/z', 'a', 'b']);
    expect(bench.share('a')).toBe(0.08);
    bench.sorter.remove(bench.clients.get('a/z')!);
    expect(bench.share('a')).toBe(0.02);
    expect(bench.order).toEqual(['a', 'b']);
  });

  test('removing a client takes its allocation from those above it', () => {
    const bench = new Bench('cpus:100').add('a/x', 'a/y', 'b');
    bench.allocate('a/x', 'cpus:50').allocate('b', 'cpus:10');
    expect(bench.order).toEqual(['b', 'a/y', 'a/x']);
    bench.sorter.remove(bench.clients.get('a/x')!);
    expect(bench.order).toEqual(['a/y', 'b']);
  });

  test('a shared thing counts once per client and agent', () => {
    const bench = new Bench('disk(r){SHARED}:10').add('a', 'b');
    const volume = bundle('disk(r){SHARED}:10');
    for (let copy = 0; copy < 2; copy++) bench.sorter.allocate(bench.clients.get('a')!, 'A', volume);
    expect(bench.share('a')).toBe(1);
    bench.sorter.unallocate(bench.clients.get('a')!, 'A', volume);
    expect(bench.share('a')).toBe(1);
    bench.sorter.unallocate(bench.clients.get('a')!, 'A', volume);
    expect(bench.share('a')).toBe(0);
  });

  test('a changed total changes the order', () => {
    const bench = new Bench('cpus:10;mem:100').add('a', 'b');
    bench.allocate('a', 'cpus:2').allocate('b', 'mem:30');
    expect(bench.order).toEqual(['a', 'b']);
    bench.totals.add(bundle('mem:900'));
    expect(bench.order).toEqual(['b', 'a']);
  });

  test('an update of the form of an allocation is no service', () => {
    const bench = new Bench('cpus:10').add('a', 'b');
    bench.allocate('a', 'cpus:1').allocate('b', 'cpus:1');
    bench.sorter.update(bench.clients.get('b')!, 'A', bundle('cpus:1'), bundle('cpus(b):1'));
    expect(bench.order).toEqual(['a', 'b']);
  });

  test('a walk finds the clients that bear a mark, in the order fixed at its start', () => {
    const bench = new Bench('cpus:100').add('a/x', 'a/y', 'b', 'c/d/e');
    for (const path of ['a/x', 'b']) bench.sorter.mark(bench.clients.get(path)!, 2);
    const walk = (marks: number) => {
      const found: string[] = [];
      bench.sorter.start();
      for (let client = bench.sorter.next(marks); client !== null; client = bench.sorter.next(marks)) {
        found.push(client.path);
        bench.allocate(client.path, 'cpus:1');
      }
      return found;
    };
    expect(walk(ALL_MARKS)).toEqual(['a/x', 'a/y', 'b', 'c/d/e']);
    expect(walk(4)).toEqual(['c/d/e', 'a/y']);
    expect(walk(2)).toEqual(['b', 'c/d/e', 'a/x', 'a/y']);
  });

  test('holds the order that sorting from scratch gives, whatever happens', () => {
    const paths = ['a', 'a/x', 'a/y', 'a/x/q', 'b', 'c/d', 'c/e', 'c', 'd'];
    const anyStep = fc.record({
      act: fc.constantFrom(
        'toggle',
        'allocate',
        'allocate',
        'unallocate',
        'activate',
        'deactivate',
        'weight',
        'total',
      ),
      path: fc.constantFrom(...paths),
      cpus: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const bench = new Bench('cpus:50');
        const model = new Map<string, { cpus: number; count: number; active: boolean }>();
        const weights = new Map<string, number>();
        let total = 50;
        const everServed = new Map<string, number>();
        for (const { act, path, cpus } of steps) {
          const client = bench.clients.get(path);
          const state = model.get(path);
          if (act === 'total') {
            bench.totals.add(bundle(`cpus:${cpus}`));
            total += cpus;
          } else if (act === 'weight') {
            bench.sorter.setWeight(path, cpus);
            weights.set(path, cpus);
          } else if (act === 'toggle' || client === undefined || state === undefined) {
            if (client === undefined) {
              bench.add(path);
              model.set(path, { cpus: 0, count: 0, active: true });
            }
          } else if (act === 'allocate') {
            bench.allocate(path, `cpus:${cpus}`);
            state.cpus += cpus;
            state.count++;
            everServed.set(path, state.count);
          } else if (act === 'unallocate' && state.cpus > 0) {
            bench.unallocate(path, `cpus:${state.cpus}`);
            state.cpus = 0;
          } else if (act === 'activate') {
            bench.sorter.activate(client);
            state.active = true;
          } else if (act === 'deactivate') {
            bench.sorter.deactivate(client);
            state.active = false;
          }
          expect(bench.order).toEqual(sortedAnew(model, weights, total));
        }
      }),
      { numRuns: 300 },
    );
  });
});

type Model = ReadonlyMap<string, { cpus: number; count: number; active: boolean }>;

/** The order by the definition: recursive, from scratch. */
function sortedAnew(
  model: Model,
  weights: ReadonlyMap<string, number>,
  total: number,
  prefix = '',
): string[] {
  const names = new Set<string>();
  for (const path of model.keys()) {
    if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0]!);
  }
  const own = prefix.slice(0, -1);
  const children = [...names].map((name) => {
    const path = prefix + name;
    const members = [...model].filter(([other]) => other === path || other.startsWith(`${path}/`));
    const cpus = members.reduce((sum, [, state]) => sum + state.cpus, 0);
    const count = members.reduce((sum, [, state]) => sum + state.count, 0);
    const inner = members.some(([other]) => other !== path);
    return { path, share: cpus / total / (weights.get(path) ?? 1), count, inner };
  });
  const virtual = prefix === '' ? undefined : model.get(own);
  const all = [
    ...children,
    ...(virtual === undefined
      ? []
      : [{ path: `${own}/.`, share: virtual.cpus / total, count: virtual.count, inner: false }]),
  ];
  all.sort((a, b) => a.share - b.share || a.count - b.count || (a.path < b.path ? -1 : 1));
  return all.flatMap(({ path, inner }) => {
    if (inner) return sortedAnew(model, weights, total, `${path}/`);
    const client = path.endsWith('/.') ? path.slice(0, -2) : path;
    return model.get(client)!.active ? [client] : [];
  });
}

describe('the random sorter', () => {
  const shuffled = (sorter: RandomSorter<string>, ...keys: number[]) => {
    sorter.start(...keys);
    const order: string[] = [];
    for (let client = sorter.next(1); client !== null; client = sorter.next(1)) order.push(client.path);
    return order;
  };

  function sorterOf(...paths: string[]): RandomSorter<string> {
    const sorter = new RandomSorter<string>(new SorterTotals());
    for (const path of paths) sorter.activate(sorter.add(path, path));
    return sorter;
  }

  test('walks every active client once, in an order that the keys fix', () => {
    const sorter = sorterOf('a', 'b', 'c/d', 'c/e', 'f');
    expect(shuffled(sorter, 1, 2)).toEqual(shuffled(sorter, 1, 2));
    expect(shuffled(sorter, 1, 2).sort()).toEqual(['a', 'b', 'c/d', 'c/e', 'f']);
    const orders = new Set(Array.from({ length: 50 }, (_, key) => shuffled(sorter, key).join()));
    expect(orders.size).toBeGreaterThan(20);
    expect(shuffled(sorterOf('f', 'c/e', 'c/d', 'b', 'a'), 7)).toEqual(shuffled(sorter, 7));
  });

  test('a client comes first with the chance of its weight among its siblings, times that of its parent', () => {
    const sorter = sorterOf('a', 'b/x', 'b/y');
    sorter.setWeight('a', 3);
    sorter.setWeight('b/x', 4);
    const firsts: Record<string, number> = { a: 0, 'b/x': 0, 'b/y': 0 };
    for (let key = 0; key < 20_000; key++) firsts[shuffled(sorter, key)[0]!]!++;
    expect(firsts['a']! / 20_000).toBeCloseTo(0.75, 1);
    expect(firsts['b/x']! / 20_000).toBeCloseTo(0.2, 1);
    expect(firsts['b/y']! / 20_000).toBeCloseTo(0.05, 1);
  });

  test('a walk that was left early does not bear on the next', () => {
    const sorter = sorterOf('a', 'b', 'c', 'd');
    const whole = shuffled(sorter, 9);
    sorter.start(4);
    sorter.next(1);
    sorter.next(1);
    expect(shuffled(sorter, 9)).toEqual(whole);
  });
});
