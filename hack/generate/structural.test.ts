import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { atomicList, mapList, rules } from '../../src/api/schema/rules.ts';
import { GenerateError } from './schema.ts';
import { toStructural } from './structural.ts';

const object = (fields: z.ZodRawShape) => z.object(fields).describe('An object.');
const text = z.string().describe('A text.');

describe('toStructural', () => {
  test('bounds, defaults and descriptions; a field with a default is not required', () => {
    const schema = object({
      count: z.int().min(1).max(5).default(2).describe('How many.'),
      name: z.string().max(9).describe('Its name.'),
    });
    expect(toStructural(schema, 'Thing')).toEqual({
      type: 'object',
      description: 'An object.',
      required: ['name'],
      properties: {
        count: {
          type: 'integer',
          format: 'int32',
          minimum: 1,
          maximum: 5,
          default: 2,
          description: 'How many.',
        },
        name: { type: 'string', maxLength: 9, description: 'Its name.' },
      },
    });
  });

  test("JavaScript's bounds of an integer are not the user's", () => {
    expect(toStructural(z.int().describe('A number.'), 'n')).toEqual({
      type: 'integer',
      format: 'int64',
      description: 'A number.',
    });
  });

  test('a loose object keeps unknown fields', () => {
    expect(toStructural(z.looseObject({ name: text }).describe('Loose.'), 'o')).toEqual({
      type: 'object',
      description: 'Loose.',
      required: ['name'],
      properties: { name: { type: 'string', description: 'A text.' } },
      'x-kubernetes-preserve-unknown-fields': true,
    });
  });

  test('a union that is int-or-string has no type and no anyOf', () => {
    const quantity = z
      .union([z.string(), z.number()])
      .describe('An amount.')
      .meta({ 'x-kubernetes-int-or-string': true });
    expect(toStructural(z.record(z.string(), quantity).describe('Amounts.'), 'm')).toEqual({
      type: 'object',
      description: 'Amounts.',
      additionalProperties: { description: 'An amount.', 'x-kubernetes-int-or-string': true },
    });
  });

  test('rules and list keys pass through', () => {
    const rule = { rule: 'size(self) < 3', message: 'too many' };
    const list = z
      .array(object({ name: text }))
      .describe('A list.')
      .meta({ ...mapList('name'), ...rules(rule) });
    expect(toStructural(list, 'l')).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-validations': [rule],
    });
  });

  const refused: [string, z.ZodType, string][] = [
    ['a field without a description', object({ a: z.object({ b: z.string() }).describe('A.') }), 'Thing.a.b'],
    [
      'an item without a description',
      object({ a: z.array(z.string()).describe('A.').meta(atomicList) }),
      'Thing.a[]',
    ],
    [
      'a value without a description',
      object({ a: z.record(z.string(), z.string()).describe('A.') }),
      'Thing.a.*',
    ],
    ['a union', object({ a: z.union([z.string(), z.boolean()]).describe('A.') }), 'Thing.a'],
    ['a null', object({ a: z.string().nullable().describe('A.') }), 'Thing.a'],
    ['a number with a fraction', object({ a: z.number().describe('A.') }), 'Thing.a'],
    ['anything at all', object({ a: z.unknown().describe('A.') }), 'Thing.a'],
    [
      'a pattern, whose refusal would be a regular expression',
      object({ a: z.string().regex(/^a/).describe('A.') }),
      'Thing.a',
    ],
    ['a list that does not say how it merges', object({ a: z.array(text).describe('A.') }), 'Thing.a'],
    [
      'a list key that may be missing',
      object({
        a: z
          .array(object({ name: text.optional() }))
          .describe('A.')
          .meta(mapList('name')),
      }),
      'Thing.a',
    ],
    ['a rule without words', object({ a: text.meta(rules({ rule: 'true', message: ' ' })) }), 'Thing.a'],
  ];

  test.each(refused)('refuses %s', (_what, schema, field) => {
    const attempt = () => toStructural(schema, 'Thing');
    expect(attempt).toThrow(GenerateError);
    expect(attempt).toThrow(expect.objectContaining({ field }));
  });
});
