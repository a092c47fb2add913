import { expect, test } from 'vitest';
import { NodeHeap } from './node-heap.ts';

function heapOf(...keys: number[]): NodeHeap {
  const heap = new NodeHeap(Float64Array.from(keys));
  for (let agent = keys.length - 1; agent >= 0; agent--) heap.append(agent);
  heap.heapify();
  return heap;
}

/** Takes all agents out, first first. */
function drain(heap: NodeHeap): number[] {
  const agents: number[] = [];
  for (let agent = heap.peek(); agent !== undefined; agent = heap.peek()) {
    agents.push(agent);
    heap.removeFirst();
  }
  return agents;
}

test('gives agents by key, those of equal keys by number', () => {
  expect(drain(heapOf(5, 3, 9, 3, 0, 5, 3, 1))).toEqual([4, 7, 1, 3, 6, 0, 5, 2]);
  expect(drain(heapOf(0, 0, 0, 0, 0, 0, 0))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(drain(heapOf(7, 6, 5, 4, 3, 2, 1))).toEqual([6, 5, 4, 3, 2, 1, 0]);
});

test('moves the first back when its key grows, as far as it must and no further', () => {
  const heap = heapOf(1, 2, 4, 8);
  heap.raiseFirst(2);
  expect(heap.peek()).toBe(0);
  heap.raiseFirst(5);
  expect(drain(heap)).toEqual([1, 2, 0, 3]);
  const last = heapOf(1, 2, 4);
  last.raiseFirst(9);
  expect(drain(last)).toEqual([1, 2, 0]);
});

test('has no first when it is empty', () => {
  const heap = heapOf(2, 1);
  heap.removeFirst();
  expect(heap.peek()).toBe(0);
  heap.removeFirst();
  expect(heap.peek()).toBeUndefined();
  const empty = new NodeHeap(new Float64Array(3));
  empty.heapify();
  expect(empty.peek()).toBeUndefined();
});
