import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from './due-heap.ts';

test('things come out in the order in which they are due, whenever they were put in', () => {
  const steps = fc.array(fc.option(fc.nat(100), { nil: undefined }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new DueHeap<{ due: number }>();
      const plain: number[] = [];
      for (const due of all) {
        if (due === undefined) {
          plain.sort((a, b) => a - b);
          expect(heap.first?.due).toBe(plain[0]);
          expect(heap.pop()?.due).toBe(plain.shift());
        } else {
          heap.push({ due });
          plain.push(due);
        }
        expect(heap.size).toBe(plain.length);
      }
    }),
  );
});
