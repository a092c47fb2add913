import { describe, expect, test } from 'vitest';
import { chop } from './chop.ts';
import { Resources } from './resource-bundle.ts';
import { columnOf } from './resource-kind.ts';
import { formatResources, parseResources } from './resources.ts';

const CPUS = columnOf('cpus');
const MEM = columnOf('mem');
const DISK = columnOf('disk');

const cut = (text: string, left: (number | undefined)[], absent = 0, lot = 1): string =>
  formatResources(Resources.of(chop(parseResources(text, 'test').items, left, absent, lot)));

const amounts = (...pairs: (readonly [number, number])[]): (number | undefined)[] => {
  const list: (number | undefined)[] = [];
  for (const [column, amount] of pairs) list[column] = amount;
  return list;
};

describe('cutting scalars down to what may be taken', () => {
  test('takes all that there is room for, and a part of what there is less room for', () => {
    expect(cut('cpus:3;mem:100', amounts([CPUS, 2000], [MEM, 200_000]))).toBe('cpus:2;mem:100');
  });

  test('says what is left', () => {
    const left = amounts([CPUS, 2000], [MEM, 200_000]);
    cut('cpus:3;mem:100', left);
    expect([left[CPUS], left[MEM]]).toEqual([0, 100_000]);
  });

  test('takes nothing where there is no room, or less than none', () => {
    expect(cut('cpus:3;mem:1', amounts([CPUS, 0], [MEM, -5]))).toBe('');
    expect(cut('disk{MOUNT}:5', amounts([DISK, 0]))).toBe('');
  });

  test('takes of a name that is not listed nothing, or all, as told', () => {
    expect(cut('cpus:3;mem:1', amounts([MEM, 1000]), 0)).toBe('mem:1');
    expect(cut('cpus:3;mem:1', amounts([MEM, 500]), Infinity)).toBe('cpus:3;mem:0.5');
  });

  test('gives several items of a name one room', () => {
    expect(cut('cpus:3;cpus{REV}:3', amounts([CPUS, 4000]))).toBe('cpus:3;cpus{REV}:1');
  });

  test('takes things that only come whole as they are, or not at all', () => {
    const left = amounts([DISK, 6000]);
    expect(cut('disk{MOUNT}:5;disk{MOUNT}:7', left)).toBe('disk{MOUNT}:5');
    expect(left[DISK]).toBe(1000);
    expect(cut('disk{MOUNT}:6', amounts([DISK, 6000]))).toBe('disk{MOUNT}:6');
    expect(cut('disk{MOUNT}:7', amounts([DISK, 6000]))).toBe('');
  });

  test('draws by lot which of several whole things is tried first, the same one for the same lot', () => {
    const both = 'disk{MOUNT}:5;disk{MOUNT}:6';
    const taken = (lot: number) => cut(both, amounts([DISK, 6000]), 0, lot);
    const drawn = Array.from({ length: 40 }, (_, lot) => taken(lot));
    expect(new Set(drawn)).toEqual(new Set(['disk{MOUNT}:5', 'disk{MOUNT}:6']));
    expect(Array.from({ length: 40 }, (_, lot) => taken(lot))).toEqual(drawn);
  });

  test('draws between whole things and others of their name too', () => {
    const taken = (lot: number) => cut('disk:5;disk{MOUNT}:6', amounts([DISK, 6000]), 0, lot);
    expect(new Set(Array.from({ length: 40 }, (_, lot) => taken(lot)))).toEqual(
      new Set(['disk:5', 'disk{MOUNT}:6']),
    );
  });

  test('gives back the items in their order, whatever the lot', () => {
    const { items } = parseResources('cpus:1;disk{MOUNT}:5;disk{MOUNT}:6;mem:1', 'test');
    for (let lot = 0; lot < 10; lot++) expect(chop(items, [], Infinity, lot)).toEqual(items);
  });
});
