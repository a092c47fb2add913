import { describe, expect, test } from 'vitest';
import { PageSize } from './page-size.ts';

/** The pages in which objects of so many bytes each are listed. */
function pages(sizes: readonly number[], size = new PageSize()): number[] {
  const out: number[] = [];
  for (let at = 0; at < sizes.length;) {
    const page = sizes.slice(at, at + size.limit);
    const bytes = page.reduce((sum, each) => sum + each, 0);
    if (bytes > (size.mostBytes ?? Infinity)) {
      size.tooLong();
      continue;
    }
    out.push(bytes);
    at += page.length;
    size.came(page.length, bytes);
  }
  return out;
}

const many = (count: number, bytes: number) => Array.from({ length: count }, () => bytes);

describe('a page', () => {
  test('of small objects has as many as make a MiB, after a few that double', () => {
    const of4K = pages(many(50_000, 4000));
    expect(of4K.slice(0, 6).map((bytes) => bytes / 4000)).toEqual([8, 16, 32, 64, 128, 256]);
    expect(of4K.length).toBeLessThanOrEqual(200);
    expect(Math.max(...of4K)).toBeLessThanOrEqual(1 << 20);
  });

  test('of tiny objects has 500, or as many as the caller takes', () => {
    expect(pages(many(5000, 100)).slice(-3, -1)).toEqual([50_000, 50_000]);
    expect(pages(many(20, 100), new PageSize(2))).toEqual(many(10, 200));
  });

  test('of large objects has few of them, also where small ones came before', () => {
    expect(pages(many(220, 1_200_000)).slice(0, 3)).toEqual([2_400_000, 1_200_000, 1_200_000]);
    const mixed = pages([...many(2000, 100), ...many(220, 1_200_000), ...many(2000, 100)]);
    expect(Math.max(...mixed)).toBeLessThanOrEqual(4 << 20);
    expect(mixed.length).toBeLessThan(300);
  });

  test('that can be no smaller may be as long as it is', () => {
    expect(pages(many(3, 10_000_000))).toEqual(many(3, 10_000_000));
  });

  test('of no objects says nothing', () => {
    const size = new PageSize();
    size.came(0, 400);
    expect(size.limit).toBe(8);
  });

  test('is twice as large each time the list starts again', () => {
    const size = new PageSize(2);
    expect([size.limit, size.mostBytes]).toEqual([2, 4 << 20]);
    size.restart();
    expect([size.limit, size.mostBytes]).toEqual([4, 8 << 20]);
    size.came(4, 400);
    expect(size.limit).toBe(4);
  });
});
