import type * as vitest from 'vitest';
import { expect, test } from 'vitest';
import { collect } from './collect.ts';

type Vitest = Pick<typeof vitest, 'describe' | 'test' | 'beforeEach' | 'expect'>;

/** Collects the tests that a file would hold which imported this vitest. */
const collected = (file: (vitest: Vitest) => void) => collect((vitest) => file(vitest as Vitest));

test('tests run with the hooks of the groups around them, the outermost first', async () => {
  const ran: string[] = [];
  const tests = collected(({ describe, test, beforeEach }) => {
    describe('a', () => {
      beforeEach(() => void ran.push('hook of a'));
      describe('b', () => {
        beforeEach(() => void ran.push('hook of b'));
        test('inner', () => void ran.push('inner'));
      });
      test('outer', () => void ran.push('outer'));
    });
    test('alone', () => void ran.push('alone'));
  });
  expect(tests.map(({ name }) => name)).toEqual(['a > b > inner', 'a > outer', 'alone']);
  for (const { run } of tests) await run();
  expect(ran).toEqual(['hook of a', 'hook of b', 'inner', 'hook of a', 'outer', 'alone']);
});

test('a table makes a test of each row', async () => {
  const seen: unknown[] = [];
  const tests = collected(({ test }) => {
    test.each([
      [1, 'x'],
      [2, 'y'],
    ])('pair', (...row) => void seen.push(row));
    test.each(['z'])('text', (text) => void seen.push(text));
  });
  for (const { run } of tests) await run();
  expect(seen).toEqual([[1, 'x'], [2, 'y'], 'z']);
});

test('a failing test rejects, now or later', async () => {
  const [now, later] = collected(({ test, expect }) => {
    test('now', () => expect([1]).toEqual([2]));
    test('later', async () => {
      await Promise.resolve();
      throw new Error('late');
    });
  });
  await expect(now!.run()).rejects.toThrow('expected [ 1 ] to deeply equal [ 2 ]');
  await expect(later!.run()).rejects.toThrow('late');
});
