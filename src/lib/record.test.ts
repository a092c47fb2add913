import { expect, test } from 'vitest';
import { record } from './record.ts';

test('a record has the keys that it was given and no others', () => {
  const given = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, string>;
  const made = record(given, undefined, { constructor: 'c' } as unknown as Record<string, string>);
  expect(Object.keys(made)).toEqual(['__proto__', 'constructor']);
  expect(made['__proto__']).toBe('a');
  expect(made['constructor']).toBe('c');
  expect(record<string>()['toString']).toBeUndefined();
});
