import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from './heap.ts';

interface Item {
  key: number;
  readonly id: number;
}

const before = (a: Item, b: Item): boolean => a.key < b.key || (a.key === b.key && a.id < b.id);
const sorted = (items: readonly Item[]): Item[] => items.toSorted((a, b) => (before(a, b) ? -1 : 1));
const items = fc
  .array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
  .map((keys) => keys.map((key, id): Item => ({ key, id })));

describe('a heap', () => {
  test('gives its items in their order, and knows the one after the first', () => {
    fc.assert(
      fc.property(items, (list) => {
        const heap = new Heap([...list], before);
        const rest = sorted(list);
        while (rest.length > 0) {
          expect([heap.first, heap.second]).toEqual([rest[0], rest[1]]);
          heap.removeFirst();
          rest.shift();
        }
        expect([heap.first, heap.second]).toEqual([undefined, undefined]);
      }),
    );
  });

  test('stays in order when its first item comes later than before', () => {
    fc.assert(
      fc.property(items, fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 }), (list, raises) => {
        const heap = new Heap([...list], before);
        for (const raise of raises) {
          if (!heap.first) continue;
          heap.first.key += raise;
          heap.sinkFirst();
          expect(heap.first).toBe(sorted(list)[0]);
          expect(heap.second).toBe(sorted(list)[1]);
        }
      }),
    );
  });

  test('of nothing can be asked to do anything', () => {
    const heap = new Heap<Item>([], before);
    heap.sinkFirst();
    heap.removeFirst();
    expect(heap.first).toBeUndefined();
  });
});
