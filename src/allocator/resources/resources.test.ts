import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAttributes } from '../engine/attributes.ts';
import { parseQuantities } from './quantities.ts';
import { rangesContain, rangesMinus, rangesOf, rangesSize, rangesUnion } from './ranges.ts';
import { formatResources, parseResources, Resources } from './resources.ts';

const bundle = (text: string): Resources => parseResources(text, 'field');
const again = (text: string): string => formatResources(bundle(text));

describe('resources as text', () => {
  test.each([
    ['cpus:2;mem:1024;ports:[31000-32000]', 'cpus:2;mem:1024;ports:[31000-32000]'],
    [' mem : 1 ', undefined],
    ['mem:1;cpus:0.5', 'cpus:0.5;mem:1'],
    ['cpus:1;cpus:2', 'cpus:3'],
    ['disk{MOUNT}:100;disk{MOUNT}:100;disk:5', 'disk:5;disk{MOUNT}:100;disk{MOUNT}:100'],
    ['disk{PATH}:1;disk{PATH}:2', 'disk{PATH}:3'],
    ['cpus(role1):1;cpus(p|p/c):1;cpus{REV}:2', 'cpus{REV}:2;cpus(p|p/c):1;cpus(role1):1'],
    ['cpus(*):1', 'cpus:1'],
    ['disk{VOLUME=v1,SHARED}(r):10', 'disk(r){VOLUME=v1,SHARED}:10'],
    ['zones:{b,a,b}', 'zones:{a,b}'],
    ['ports:[5-9,1-3,4,20]', 'ports:[1-9,20-20]'],
    ['cpus:0.0004', ''],
    ['cpus:0.0005;mem:1e3', 'cpus:0.001;mem:1000'],
    ['', ''],
    ['cpus:0;mem:0', ''],
    ['ports:[];zones:{}', ''],
    ['teslas:3;abc:1', 'abc:1;teslas:3'],
  ])('%s', (text, expected) => {
    if (expected === undefined) expect(() => again(text)).toThrow('write NAME');
    else expect(again(text)).toBe(expected);
  });

  test.each([
    ['cpus', 'field: "cpus": not NAME:VALUE; write NAME[(ROLE[|SUBROLE]...)]'],
    ['cpus:-1', '"-1" is no number of 0 or more'],
    ['cpus:x', '"x" is no number'],
    ['cpus:1e10', 'is over 1000000000'],
    ['gpus:0.5', 'gpus come as whole numbers'],
    ['ports:[9-1]', '"9-1" ends before it begins'],
    ['ports:[a]', '"a" is no FIRST-LAST'],
    ['ports:[1-2', 'is no [FIRST-LAST,...]'],
    ['ports:[1-9999999999]', 'goes over'],
    ['zones:{a,,b}', 'a member of the set is empty'],
    ['zones:{a', 'is no {MEMBER,...}'],
    ['cpus(a|b):1', 'a refinement must name a role below "a"'],
    ['cpus(a|a):1', 'a refinement must name a role below "a"'],
    ['cpus(a|*):1', 'nothing can be reserved for "*"'],
    ['cpus(a//b):1', 'two slashes'],
    ['cpus(a)(b):1', 'has two reservations'],
    ['cpus{FOO}:1', '"FOO" is none of REV'],
    ['cpus(a){REV}:1', 'revocable resources cannot be reserved'],
    ['disk{SHARED}:1', 'shared resources must be reserved'],
    ['disk{VOLUME=v}:1', 'a volume must be reserved'],
    ['cpus{MOUNT}:1', 'disk types and volumes are for "disk" alone'],
  ])('refuses %s', (text, problem) => {
    expect(() => bundle(text)).toThrow(problem);
  });
});

const PARTS = [
  'cpus:1',
  'cpus:2.5',
  'cpus(a):1',
  'cpus{REV}:3',
  'mem:64',
  'ports:[1-4]',
  'ports:[3-9]',
  'ports(a):[2-2]',
  'disk{MOUNT}:5',
  'disk{MOUNT}:7',
  'disk(a){VOLUME=v,SHARED}:2',
  'zones:{a,b}',
  'zones:{b,c}',
  'gpus:1',
];
const anyBundle = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 8 })
  .map((parts) => bundle(parts.join(';')));

describe('arithmetic of bundles', () => {
  test('text and bundle say the same', () => {
    fc.assert(fc.property(anyBundle, (a) => bundle(formatResources(a)).equals(a)));
  });

  test('a sum contains its parts, and without one of them the other is left, unless ranges or sets overlap', () => {
    fc.assert(
      fc.property(anyBundle, anyBundle, (a, b) => {
        const sum = a.plus(b);
        expect(sum.contains(a) && sum.contains(b)).toBe(true);
        expect(sum.equals(b.plus(a))).toBe(true);
        const measured = (bundle: Resources) => bundle.filter((kind) => kind.type === 'scalar');
        expect(measured(sum.minus(b)).equals(measured(a))).toBe(true);
        expect(a.contains(a.minus(b))).toBe(true);
        expect(sum.minus(sum).isEmpty).toBe(true);
      }),
    );
  });

  test('containing means that adding the rest gives the whole', () => {
    fc.assert(
      fc.property(anyBundle, anyBundle, (a, b) => {
        if (a.contains(b)) expect(a.minus(b).plus(b).equals(a)).toBe(true);
        else expect(b.minus(a).isEmpty).toBe(false);
      }),
    );
  });

  test('what only comes whole is taken as a whole', () => {
    const disks = bundle('disk{MOUNT}:100;disk{MOUNT}:50');
    expect(disks.contains(bundle('disk{MOUNT}:60'))).toBe(false);
    expect(disks.contains(bundle('disk{MOUNT}:50'))).toBe(true);
    expect(disks.contains(bundle('disk{MOUNT}:50;disk{MOUNT}:50'))).toBe(false);
    expect(formatResources(disks.minus(bundle('disk{MOUNT}:60')))).toBe('disk{MOUNT}:50;disk{MOUNT}:100');
    expect(formatResources(disks.minus(bundle('disk{MOUNT}:100')))).toBe('disk{MOUNT}:50');
  });

  test('subtraction leaves nothing below zero and ignores what is not there', () => {
    expect(formatResources(bundle('cpus:1;mem:5').minus(bundle('cpus:3;disk:1;cpus(a):1')))).toBe('mem:5');
  });

  test('amounts have three exact decimals', () => {
    let sum = Resources.empty;
    for (let i = 0; i < 1000; i++) sum = sum.plus(bundle('cpus:0.001'));
    expect(formatResources(sum)).toBe('cpus:1');
    expect(bundle('cpus:0.3').contains(bundle('cpus:0.1').plus(bundle('cpus:0.2')))).toBe(true);
  });
});

describe('ranges', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 30 }));
  const of = (list: readonly number[]) => rangesOf(list.map((n) => [n, n] as const));
  const members = (ranges: readonly number[]) =>
    Array.from({ length: 32 }, (_, n) => n).filter((n) =>
      ranges.some((_, i) => i % 2 === 0 && ranges[i]! <= n && n <= ranges[i + 1]!),
    );

  test('are sets of numbers', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const sorted = (list: readonly number[]) => [...new Set(list)].sort((x, y) => x - y);
        expect(members(of(a))).toEqual(sorted(a));
        expect(rangesSize(of(a))).toBe(a.length);
        expect(members(rangesUnion(of(a), of(b)))).toEqual(sorted([...a, ...b]));
        expect(members(rangesMinus(of(a), of(b)))).toEqual(sorted(a.filter((n) => !b.includes(n))));
        expect(rangesContain(of(a), of(b))).toBe(b.every((n) => a.includes(n)));
      }),
    );
  });
});

describe('quantities', () => {
  test('keep zeros and add up', () => {
    expect([...parseQuantities('cpus:1;mem:0;cpus:0.5', '')]).toEqual([
      ['cpus', 1500],
      ['mem', 0],
    ]);
    expect(parseQuantities('', '').size).toBe(0);
  });

  test.each([
    ['cpus', 'not NAME:NUMBER'],
    ['cpus:a', '"a" is no number'],
    ['ports:[1-2]', '"[1-2]" is no number'],
    ['cpus(a):1', 'not NAME:NUMBER'],
  ])('refuse %s', (text, problem) => {
    expect(() => parseQuantities(text, 'quota.limit')).toThrow(`quota.limit: "${text}": ${problem}`);
  });
});

test('attributes are texts, numbers or ranges', () => {
  expect(
    parseAttributes('rack:r1;slots:4.5;span:[1-9];v:1.2.3', '').map(({ name, type }) => `${name} ${type}`),
  ).toEqual(['rack text', 'slots scalar', 'span ranges', 'v text']);
  expect(() => parseAttributes('rack', 'agent.attributes')).toThrow(
    'agent.attributes: "rack" is no NAME:VALUE',
  );
  expect(() => parseAttributes('rack:', 'f')).toThrow('"rack:"');
});
