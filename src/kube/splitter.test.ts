import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from './splitter.ts';

const drain = (splitter: LineSplitter): string[] => {
  const lines: string[] = [];
  for (let line = splitter.next(); line !== undefined; line = splitter.next()) lines.push(line);
  return lines;
};

describe('LineSplitter', () => {
  test('keeps an unfinished line until its end arrives', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from('{"a":'));
    expect(drain(splitter)).toEqual([]);
    splitter.push(Buffer.from('1}\n{"b"'));
    expect(drain(splitter)).toEqual(['{"a":1}']);
    expect(splitter.pendingBytes).toBe(4);
  });

  test('yields the same lines however the bytes are cut, with characters cut in half', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.boolean(),
        (lines, sizes, drainBetween) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const splitter = new LineSplitter();
          const seen: string[] = [];
          for (let at = 0, n = 0; at < bytes.length; n += 1) {
            const size = sizes[n % sizes.length] ?? 1;
            splitter.push(bytes.subarray(at, at + size));
            at += size;
            if (drainBetween) seen.push(...drain(splitter));
          }
          seen.push(...drain(splitter));
          expect(seen).toEqual(lines.filter((line) => line !== ''));
          expect(splitter.pendingBytes).toBe(0);
        },
      ),
    );
  });
});
