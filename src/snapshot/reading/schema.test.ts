import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flag, list, mapOf, object, quantity, read, text, whole } from './schema.ts';

interface Thing {
  readonly name: string;
  readonly size?: number;
  readonly on?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly parts?: readonly Thing[];
}

const thing = (depth: number): ReturnType<typeof object<Thing>> =>
  object<Thing>(
    {
      name: text,
      size: whole,
      on: flag,
      tags: mapOf(text),
      parts: depth === 0 ? () => undefined : list(thing(depth - 1)),
    },
    ['name'],
  );

describe('a value is read as far as it can be', () => {
  test.each<[what: string, value: unknown, read: unknown, faults: string[]]>([
    ['whole', { name: 'a', size: 1, on: false }, { name: 'a', size: 1, on: false }, []],
    ['without what is null', { name: 'a', size: null, tags: null }, { name: 'a' }, []],
    ['without what nobody asks for', { name: 'a', colour: 'red' }, { name: 'a' }, []],
    [
      'without what has another type',
      { name: 'a', size: '1' },
      { name: 'a' },
      ['size: must be a whole number'],
    ],
    [
      'without the item that has no name',
      { name: 'a', parts: [{ name: 'b' }, {}, null] },
      { name: 'a', parts: [{ name: 'b' }] },
      ['parts[1].name: is missing', 'parts[2]: must be a map'],
    ],
    [
      'but for one label',
      { name: 'a', tags: { 'example.com/x': 'y', z: [] } },
      { name: 'a', tags: { 'example.com/x': 'y' } },
      ['tags.z: must be a text'],
    ],
    ['not at all when it is none', [], undefined, ['must be a map']],
    ['not at all when it is not there', undefined, undefined, ['is missing']],
  ])('%s', (_, value, expected, faults) => {
    expect(read(thing(2), value)).toEqual({ value: expected, faults });
  });

  test('whatever it is, without a throw, and with few words', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { faults } = read(thing(3), value);
        expect(faults.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

test('a map with keys of users has those keys and no others', () => {
  const tags = JSON.parse('{"__proto__": "a", "constructor": "b"}') as unknown;
  const { value } = read(thing(0), { name: 'a', tags });
  expect(Object.keys(value!.tags!)).toEqual(['__proto__', 'constructor']);
  expect(value!.tags!['toString']).toBeUndefined();
});

test('a quantity is kept as it was written', () => {
  expect(read(quantity, '1.5Gi').value).toBe('1.5Gi');
  expect(read(quantity, 2).value).toBe(2);
  expect(read(quantity, 'much', ['cpu']).faults).toEqual([
    expect.stringMatching(/^cpu: "much" is not a quantity/),
  ]);
  expect(read(quantity, {}, ['cpu']).faults).toEqual(['cpu: must be a quantity']);
});
