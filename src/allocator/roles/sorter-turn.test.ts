import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { DrfSorter } from './drf-sorter.ts';
import { RandomSorter } from './random-sorter.ts';
import { SorterTotals } from './sorter-totals.ts';
import type { Sorter } from './sorter.ts';
import type { Client } from './sorter-node.ts';
import { columnsOf } from '../resources/resource-kind.ts';

const anyClient = fc.record({
  path: fc.constantFrom('a', 'b', 'c', 'b/x', 'b/y', 'c/x', 'c/x/1', 'c/x/2', 'd'),
  rank: fc.constantFrom(0, 0, 0, 1, -1),
  /** Bit 2 is what the walk looks for. */
  marks: fc.constantFrom(3, 3, 3, 1),
  cpus: fc.integer({ min: 0, max: 7 }),
  mem: fc.integer({ min: 0, max: 7 }),
  held: fc.constantFrom(0, 0, 0.3, 1, 10),
});
const anyCase = fc.record({
  clients: fc.uniqueArray(anyClient, { selector: ({ path }) => path, minLength: 1 }),
  weights: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'b/x', 'c/x'), fc.constantFrom(0.1, 0.7, 2, 3))),
  mostly: fc.constantFrom(1, 2, 5, 40, 1000),
});
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

const WALK = 2;

/** A sorter of some clients, the ranked ones of which stand alone at the top. */
function sorterOf({ clients, weights }: Case): { sorter: DrfSorter<number>; all: Client<number>[] } {
  const totals = new SorterTotals();
  totals.add(parseResources('cpus:97;mem:31;gpus:1', 'total'));
  const sorter = new DrfSorter<number>(totals, columnsOf(['gpus']));
  for (const [path, weight] of weights) sorter.setWeight(path, weight);
  const all = clients.map(({ path, rank, marks, held }, i) => {
    const client = sorter.add(path, i, rank);
    sorter.activate(client);
    sorter.mark(client, marks);
    sorter.allocate(client, 'A', parseResources(`cpus:${held};gpus:1`, 'held'));
    return client;
  });
  return { sorter, all };
}

const first = <T>(sorter: Sorter<T>): Client<T> | null => {
  sorter.start();
  return sorter.next(WALK);
};

describe('a turn', () => {
  test('is as long as serving one at a time would serve the same client', () => {
    let long = 0;
    fc.assert(
      fc.property(anyCase, (drawn) => {
        const atOnce = sorterOf(drawn);
        const oneByOne = sorterOf(drawn);
        for (let served = 0; served < 60;) {
          const client = first(atOnce.sorter);
          if (client === null) return;
          const { cpus, mem } = drawn.clients[client.payload]!;
          const task = parseResources(`cpus:${cpus / 10};mem:${mem / 10};gpus:1`, 'task');
          const turn = atOnce.sorter.turn(client, task, drawn.mostly, WALK);
          atOnce.sorter.allocate(client, 'A', task, turn);
          if (turn > 1) long++;
          for (let n = 0; n < turn; n++) {
            expect(first(oneByOne.sorter)!.payload).toBe(client.payload);
            oneByOne.sorter.allocate(oneByOne.all[client.payload]!, 'A', task);
          }
          if (turn < drawn.mostly) expect(first(oneByOne.sorter)!.payload).not.toBe(client.payload);
          expect(oneByOne.sorter.order()).toEqual(atOnce.sorter.order());
          served += turn;
        }
      }),
      { numRuns: 300 },
    );
    expect(long).toBeGreaterThan(300);
  });

  test('ends before others are due only for those that bear the mark', () => {
    const { sorter, all } = sorterOf({
      clients: [
        { path: 'a', rank: 0, marks: 3, cpus: 1, mem: 0, held: 0 },
        { path: 'b', rank: 0, marks: 1, cpus: 1, mem: 0, held: 0.3 },
        { path: 'c', rank: 0, marks: 3, cpus: 1, mem: 0, held: 1 },
      ],
      weights: [],
      mostly: 1,
    });
    const task = parseResources('cpus:0.1', 'task');
    first(sorter);
    // Level with c after ten; then c comes, which was served once.
    expect(sorter.turn(all[0]!, task, 99, WALK)).toBe(10);
    expect(sorter.turn(all[0]!, task, 4, WALK)).toBe(4);
    expect(sorter.turn(all[0]!, task, 99, 1)).toBe(3);
  });

  test('goes on without end for the highest rank, whatever its share', () => {
    const { sorter, all } = sorterOf({
      clients: [
        { path: 'a', rank: 0, marks: 3, cpus: 1, mem: 0, held: 0 },
        { path: 'b', rank: 1, marks: 3, cpus: 1, mem: 0, held: 10 },
      ],
      weights: [],
      mostly: 1,
    });
    expect(first(sorter)).toBe(all[1]);
    expect(sorter.turn(all[1]!, parseResources('cpus:1', 'task'), 50, WALK)).toBe(50);
  });

  test('is one draw long where lots are drawn', () => {
    const sorter = new RandomSorter<string>(new SorterTotals());
    const client = sorter.add('a', 'a');
    expect((sorter as Sorter<string>).turn(client, parseResources('cpus:1', 'task'), 9, 1)).toBe(1);
  });
});
