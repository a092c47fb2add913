import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { list, mapOf, object, quantity, read, reference, text, whole, type Schema } from './schema.ts';

interface Thing {
  readonly name: string;
  readonly size?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly parts?: readonly string[];
}
const thing = object<Thing>({ name: text, size: whole, labels: mapOf(text), parts: list(text) }, ['name']);

describe('what is read of an object', () => {
  test('is what the schema knows, without nulls', () => {
    const raw = { name: 'a', size: null, labels: { b: 'c', d: null }, other: {} };
    expect(read(thing, raw)).toEqual({ value: { name: 'a', labels: { b: 'c' } }, faults: [] });
  });

  test.each<[what: string, raw: object, value: Thing | undefined, faults: string[]]>([
    [
      'of another type is left out',
      { name: 'a', size: 1.5 },
      { name: 'a' },
      ['size: must be a whole number'],
    ],
    [
      'is each item of a list and map that can be',
      { name: 'a', parts: ['p', null, 3], labels: { 'x/y': 1 } },
      { name: 'a', parts: ['p'], labels: {} },
      ['labels[x/y]: must be a text', 'parts[1]: must be a text', 'parts[2]: must be a text'],
    ],
    ['is nothing without a field that it must have', { size: 1 }, undefined, ['name: is missing']],
    ['is nothing when that is null', { name: null }, undefined, ['name: is missing']],
    ['is nothing when that cannot be read', { name: 1 }, undefined, ['name: must be a text']],
    ['is no list of a map', { name: 'a', parts: {} }, { name: 'a' }, ['parts: must be a list']],
  ])('%s', (_, raw, value, faults) => expect(read(thing, raw)).toEqual({ value, faults }));

  test('keeps keys that are members of every object as keys, and invents none', () => {
    const raw: unknown = JSON.parse('{"name":"a","labels":{"__proto__":"x","constructor":"y"}}');
    const { labels } = read(thing, raw).value!;
    expect(Object.entries(labels!)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(labels!['toString']).toBeUndefined();
    expect(read(thing, JSON.parse('{"__proto__":{"name":"a"}}')).value).toBeUndefined();
  });

  test('ends where it lies too deep, and tells only the first faults', () => {
    const nested: Schema<unknown> = (value, reading) =>
      reading.at('in', (value as { readonly in?: unknown }).in, nested);
    const raw: { in?: object } = {};
    raw.in = raw;
    expect(read(nested, raw).faults).toEqual([`${Array(32).fill('in').join('.')}: lies too deep`]);
    expect(read(list(text), Array(100).fill(1)).faults).toHaveLength(8);
  });
});

test('nothing at all is a fault of the place where it should be', () => {
  expect(read(thing, null, ['template', 'spec']).faults).toEqual(['template.spec: is missing']);
});

test('an empty name of another object is none', () => {
  expect([read(reference, ''), read(reference, 'n1')].map(({ value }) => value)).toEqual([undefined, 'n1']);
});

test.each<[raw: unknown, isRead: boolean]>([
  ['1500m', true],
  [2, true],
  ['lots', false],
  [true, false],
  [Number.NaN, false],
])('%j is a quantity: %s', (raw, isRead) => {
  const { value, faults } = read(quantity, raw);
  expect([value !== undefined, faults.length === 0]).toEqual([isRead, isRead]);
});

test('anything is read without a throw, and with few words', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(read(thing, value).faults.length).toBeLessThanOrEqual(8);
    }),
  );
});
