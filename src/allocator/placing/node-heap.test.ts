import { expect, test } from 'vitest';
import { Prng } from '../../lib/prng.ts';
import { NodeHeap } from './node-heap.ts';

const heapOf = (keys: readonly number[]): NodeHeap => {
  const heap = new NodeHeap(Float64Array.from(keys));
  for (const agent of keys.keys()) heap.append(agent);
  heap.heapify();
  return heap;
};

/** Takes all out. */
const drain = (heap: NodeHeap): number[] => {
  const agents: number[] = [];
  for (let agent = heap.peek(); agent !== undefined; agent = heap.peek()) {
    agents.push(agent);
    heap.removeFirst();
  }
  return agents;
};

test('agents come by their keys, of equal ones the least number first', () => {
  expect(drain(heapOf([3, 1, 2, 1, 3]))).toEqual([1, 3, 2, 0, 4]);
  expect(drain(heapOf([]))).toEqual([]);
  expect(drain(heapOf([5]))).toEqual([0]);
  const random = new Prng(3);
  for (let size = 0; size < 40; size++) {
    const keys = Array.from({ length: size }, () => random.below(12));
    const sorted = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
    expect(drain(heapOf(keys))).toEqual(sorted);
  }
});

test('the first one can be put back among the others', () => {
  const heap = heapOf([1, 2, 3, 4]);
  heap.raiseFirst(3);
  expect(heap.peek()).toBe(1);
  heap.raiseFirst(10);
  expect(drain(heap)).toEqual([0, 2, 3, 1]);
  const alone = heapOf([1]);
  alone.raiseFirst(9);
  expect(alone.peek()).toBe(0);
});

test('not all agents need be in it', () => {
  const heap = new NodeHeap(Float64Array.from([5, 4, 3, 2]));
  heap.append(2);
  heap.append(0);
  heap.heapify();
  expect(drain(heap)).toEqual([2, 0]);
});
