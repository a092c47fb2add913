import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { dominantColumn, dominantShare, ShareGrowth } from './dominant-share.ts';

describe('the dominant share', () => {
  test('is the largest part of any resource that counts, by the weight', () => {
    expect(dominantShare([1, 4], [9, 18], 1)).toBe(4 / 18);
    expect(dominantShare([3, 1], [9, 18], 2)).toBe(3 / 9 / 2);
    expect(dominantShare([3, 1], [9, 18], 1, new Set([0]))).toBe(1 / 18);
  });

  test('leaves out what there is nothing of, or what is not known', () => {
    expect(dominantShare([5, 1], [0, 18], 1)).toBe(1 / 18);
    expect(dominantShare([5, 1, 7], [-1, 18], 1)).toBe(1 / 18);
    expect(dominantShare([], [9, 18], 1)).toBe(0);
  });

  test('is measured in its column; the first of equal ones; none when nothing is held', () => {
    expect(dominantColumn([1, 4], [9, 18])).toBe(1);
    expect(dominantColumn([1, 2], [9, 18])).toBe(0);
    expect(dominantColumn([1, 4], [9, 18], new Set([1]))).toBe(0);
    expect(dominantColumn([0, 4], [9, 0])).toBeUndefined();
  });
});

describe('the growth of a share', () => {
  const growth = (held: number[], task: string, totals: number[], excluded: number[] = []) =>
    new ShareGrowth(held, parseResources(task, 'task').items, totals, 2, new Set(excluded));

  test('is that of the resource that comes to lead', () => {
    const grows = growth([3000, 0], 'mem:4', [9000, 18_000]);
    expect([0, 1, 2].map((times) => grows.after(times))).toEqual([1 / 6, 1 / 6, 4 / 18]);
  });

  test('adds up what a bundle holds of one name, reserved or not, and nothing that does not count', () => {
    expect(growth([], 'cpus:1;cpus(a):2', [9000]).after(3)).toBe(0.5);
    expect(growth([], 'cpus:1;mem:9;ports:[1-3]', [9000, 18_000], [1]).after(3)).toBe(1 / 6);
    expect(growth([], 'cpus:1;mem:9', [9000, 0]).after(3)).toBe(1 / 6);
  });
});
