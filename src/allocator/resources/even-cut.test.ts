import { describe, expect, test } from 'vitest';
import { sumsOf } from './amounts.ts';
import { firstOf } from './chop.ts';
import { cutUnmeasured, evenCut } from './even-cut.ts';
import { Resources } from './resource-bundle.ts';
import { columnOf, nameOf } from './resource-kind.ts';
import { formatResources, parseResources } from './resources.ts';

const bundle = (text: string) => parseResources(text, 'test');

/** The cut of a bundle where so much may be taken of each name; what is not named may be taken whole. */
function cutOf(text: string, most: Record<string, number>, exempt: string[] = []) {
  const cut = evenCut(
    bundle(text).items,
    (column) => most[nameOf(column)] ?? Infinity,
    (column) => exempt.includes(nameOf(column)),
  );
  if (cut === null) return null;
  const amounts: Record<string, number> = {};
  for (const [column, amount] of cut.amounts.entries()) if (amount > 0) amounts[nameOf(column)] = amount;
  return { part: cut.part, ...amounts };
}

describe('an even cut', () => {
  test('is none where all may be taken', () => {
    expect(cutOf('cpus:4;mem:8', {})).toBeNull();
    expect(cutOf('cpus:4;mem:8', { cpus: 4000, mem: 9000 })).toBeNull();
    expect(cutOf('', { cpus: 0 })).toBeNull();
  });

  test('takes of everything the part of which least may be taken', () => {
    expect(cutOf('cpus:4;mem:8', { cpus: 1000 })).toEqual({ part: 0.25, cpus: 1000, mem: 2000 });
    expect(cutOf('cpus:4;mem:8', { cpus: 3000, mem: 4000 })).toEqual({ part: 0.5, cpus: 2000, mem: 4000 });
    expect(cutOf('cpus:4;mem:8', { mem: 0 })).toEqual({ part: 0 });
  });

  test('rounds down to thousandths, and GPUs to whole ones', () => {
    expect(cutOf('cpus:1;mem:3', { mem: 1000 })).toEqual({ part: 1 / 3, cpus: 333, mem: 1000 });
    expect(cutOf('gpus:4;cpus:10', { cpus: 7000 })).toEqual({ part: 0.7, cpus: 7000, gpus: 2000 });
  });

  test('keeps one GPU, if it may be taken', () => {
    expect(cutOf('gpus:4;cpus:8', { cpus: 1000 })).toEqual({ part: 0.125, cpus: 1000, gpus: 1000 });
    expect(cutOf('gpus:4;cpus:8', { cpus: 1000, gpus: 900 }, ['gpus'])).toEqual({ part: 0.125, cpus: 1000 });
    expect(cutOf('gpus:4;cpus:8', { cpus: 0 })).toEqual({ part: 0 });
  });

  test('goes by the whole of a name, in all its forms', () => {
    expect(cutOf('cpus:2;cpus{REV}:2;mem:8', { cpus: 1000 })).toMatchObject({ part: 0.25, mem: 2000 });
  });

  test('lets names that have no say be cut with the rest, and for themselves', () => {
    expect(cutOf('cpus:4;mem:8', { mem: 4000 }, ['mem'])).toBeNull();
    expect(cutOf('cpus:4;mem:8', { cpus: 2000, mem: 1000 }, ['mem'])).toEqual({
      part: 0.5,
      cpus: 2000,
      mem: 1000,
    });
  });
});

describe('ranges and sets', () => {
  const cut = (text: string, part: number) => formatResources(cutUnmeasured(bundle(text), part));

  test('are cut to the part, in whole numbers and members; scalars and reserved ones are not', () => {
    expect(cut('cpus:4;ports:[1-10];zones:{a,b,c,d}', 0.5)).toBe('cpus:4;ports:[1-5];zones:{a,b}');
    expect(cut('ports:[1-10]', 0.39)).toBe('ports:[1-3]');
    expect(cut('ports(r):[1-10];ports:[11-20]', 0.1)).toBe('ports:[11-11];ports(r):[1-10]');
  });

  test('keep one of each, but of no part nothing', () => {
    expect(cut('cpus:4;ports:[1-10];zones:{a,b}', 0.09)).toBe('cpus:4;ports:[1-1];zones:{a}');
    expect(cut('cpus:4;ports:[1-10];zones:{a,b}', 0)).toBe('cpus:4');
  });

  test('do not lose one to the rounding of the part', () => {
    for (let n = 1; n < 60; n++) expect(cut('ports:[1-60]', n / 60)).toBe(`ports:[1-${n}]`);
  });
});

describe('the first part of an item', () => {
  const first = (text: string, amount: number) =>
    formatResources(Resources.of([firstOf(bundle(text).items[0]!, amount)]));

  test('is so much of a scalar, so many numbers, so many members', () => {
    expect(first('cpus(a):4', 1500)).toBe('cpus(a):1.5');
    expect(first('ports:[5-6,8-20]', 3000)).toBe('ports:[5-6,8-8]');
    expect(first('zones:{a,b,c}', 2000)).toBe('zones:{a,b}');
  });

  test('is the item itself when it is all', () => {
    const { items } = bundle('ports:[5-6]');
    expect(firstOf(items[0]!, 2000)).toBe(items[0]);
  });
});

test('sums of items hold every kind of a name', () => {
  const sums = sumsOf(bundle('cpus:1;cpus(a):2;ports:[1-3]').items);
  expect([sums[columnOf('cpus')], sums[columnOf('mem')], sums[columnOf('ports')]]).toEqual([3000, 0, 3000]);
  expect(sumsOf(bundle('mem:1').items, [5])).toEqual([5, 1000]);
});
