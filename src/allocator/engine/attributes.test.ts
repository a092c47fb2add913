import { describe, expect, test } from 'vitest';
import { parseAttributes, sameAttributes } from './attributes.ts';

const read = (text: string) => parseAttributes(text, 'agent.attributes');

describe('attributes', () => {
  test('are names with values, in their order, repeated or not', () => {
    expect(read(' rack : r1 ;; zone:a:b;rack:r2; ')).toEqual([
      { name: 'rack', type: 'text', value: 'r1' },
      { name: 'zone', type: 'text', value: 'a:b' },
      { name: 'rack', type: 'text', value: 'r2' },
    ]);
    expect(read('')).toEqual([]);
  });

  test.each([
    ['4', 'scalar'],
    ['-4.5', 'scalar'],
    ['+.25', 'scalar'],
    ['12.', 'scalar'],
    ['.', 'text'],
    ['4x', 'text'],
    ['x4', 'text'],
    ['1.2.3', 'text'],
    ['.x', 'text'],
    ['[1-9]', 'ranges'],
    ['[1-9]x', 'text'],
    ['x[1-9]', 'text'],
  ])('of value %s are of type %s', (value, type) => {
    expect(read(`a:${value}`)).toEqual([{ name: 'a', type, value }]);
  });

  test.each(['rack', ':r1', ' : r1', 'rack:', 'rack: '])('"%s" is none', (text) => {
    expect(() => read(`zone:a;${text}`)).toThrow(
      `agent.attributes: "${text.trim()}" is no NAME:VALUE; write attributes as rack:r1;zone:a`,
    );
  });

  test('are the same when names and values are, in the same order', () => {
    const same = (a: string, b: string) => sameAttributes(read(a), read(b));
    expect(same('rack:r1;zone:a', 'rack:r1;zone:a')).toBe(true);
    expect(same('', '')).toBe(true);
    expect(same('rack:r1;zone:a', 'zone:a;rack:r1')).toBe(false);
    expect(same('rack:r1', 'rack:r2')).toBe(false);
    expect(same('rack:r1', 'row:r1')).toBe(false);
    expect(same('rack:r1', 'rack:r1;zone:a')).toBe(false);
    expect(same('rack:r1;zone:a', 'rack:r1')).toBe(false);
  });
});
