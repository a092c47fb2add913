import { describe, expect, test } from 'vitest';
import { rangesContain, rangesFirst, rangesMinus, rangesOf, rangesSize, rangesUnion } from './ranges.ts';

describe('ranges of numbers', () => {
  test('stand ascending, with what overlaps or touches in one', () => {
    expect(rangesOf([[5, 9]])).toEqual([5, 9]);
    expect(
      rangesOf([
        [20, 30],
        [1, 4],
        [5, 9],
        [22, 23],
      ]),
    ).toEqual([1, 9, 20, 30]);
    expect(
      rangesOf([
        [1, 3],
        [5, 9],
      ]),
    ).toEqual([1, 3, 5, 9]);
    expect(
      rangesOf([
        [0, 0],
        [2, 2],
        [1, 1],
      ]),
    ).toEqual([0, 2]);
    expect(rangesOf([])).toEqual([]);
  });

  test('count their numbers, both ends included', () => {
    expect([rangesSize([]), rangesSize([7, 7]), rangesSize([1, 3, 5, 9])]).toEqual([0, 1, 8]);
  });

  test('have first numbers, across gaps', () => {
    const ranges = [1, 3, 5, 9];
    expect(rangesFirst(ranges, 0)).toEqual([]);
    expect(rangesFirst(ranges, 2)).toEqual([1, 2]);
    expect(rangesFirst(ranges, 3)).toEqual([1, 3]);
    expect(rangesFirst(ranges, 4)).toEqual([1, 3, 5, 5]);
    expect(rangesFirst(ranges, 99)).toEqual(ranges);
  });

  test('are united', () => {
    expect(rangesUnion([1, 3, 9, 9], [4, 5, 20, 21])).toEqual([1, 5, 9, 9, 20, 21]);
    expect(rangesUnion([], [4, 5])).toEqual([4, 5]);
  });

  test('lose what others hold: nothing, an end, the middle, all, or across several', () => {
    expect(rangesMinus([5, 9], [])).toEqual([5, 9]);
    expect(rangesMinus([5, 9], [1, 4, 10, 12])).toEqual([5, 9]);
    expect(rangesMinus([5, 9], [1, 5])).toEqual([6, 9]);
    expect(rangesMinus([5, 9], [9, 12])).toEqual([5, 8]);
    expect(rangesMinus([5, 9], [6, 7])).toEqual([5, 5, 8, 9]);
    expect(rangesMinus([5, 9], [4, 10])).toEqual([]);
    expect(rangesMinus([5, 9, 20, 29], [7, 22, 25, 25])).toEqual([5, 6, 23, 24, 26, 29]);
    expect(rangesMinus([1, 2, 4, 5, 7, 8], [1, 8])).toEqual([]);
    expect(rangesMinus([1, 2, 4, 5], [2, 4])).toEqual([1, 1, 5, 5]);
  });

  test('contain others only where one interval covers each of theirs', () => {
    const ranges = [1, 3, 5, 9];
    expect(rangesContain(ranges, [])).toBe(true);
    expect(rangesContain(ranges, ranges)).toBe(true);
    expect(rangesContain(ranges, [2, 2, 6, 9])).toBe(true);
    expect(rangesContain(ranges, [5, 6, 8, 9])).toBe(true);
    expect(rangesContain(ranges, [3, 5])).toBe(false);
    expect(rangesContain(ranges, [0, 1])).toBe(false);
    expect(rangesContain(ranges, [9, 10])).toBe(false);
    expect(rangesContain(ranges, [11, 12])).toBe(false);
    expect(rangesContain(ranges, [1, 1, 4, 4])).toBe(false);
    expect(rangesContain([], [1, 1])).toBe(false);
  });
});
