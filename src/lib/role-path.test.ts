import { describe, expect, test } from 'vitest';
import { isWithin, parentOf, roleProblem } from './role-path.ts';

describe('a role', () => {
  test.each(['a', '*', 'a/b', 'eng/back-end/db', 'a.b', '.a', 'a..', 'a_b', 'ä', 'a/...', 'a-'])(
    'can be named "%s"',
    (role) => {
      expect(roleProblem(role)).toBeUndefined();
    },
  );

  test.each([
    ['', 'a role must not be empty'],
    ['/', 'role "/": must not begin with a slash'],
    ['/a', 'role "/a": must not begin with a slash'],
    ['a/', 'role "a/": must not end with a slash'],
    ['a//b', 'role "a//b": must not hold two slashes in a row'],
    ['.', 'role ".": "." is not a name'],
    ['a/..', 'role "a/..": ".." is not a name'],
    ['a/./b', 'role "a/./b": "." is not a name'],
    ['a/*', 'role "a/*": "*" can only stand alone'],
    ['*/a', 'role "*/a": "*" can only stand alone'],
    ['-a', 'role "-a": "-a" must not begin with "-"'],
    ['a/-', 'role "a/-": "-" must not begin with "-"'],
    ['a/-b', 'role "a/-b": "-b" must not begin with "-"'],
    ['a/../b', 'role "a/../b": ".." is not a name'],
    ['a\bb', 'role "a\bb": white space is not allowed'],
    ['a b', 'role "a b": white space is not allowed'],
    ['a/b\t', 'role "a/b\t": white space is not allowed'],
    ['\u007f', 'role "\u007f": white space is not allowed'],
  ])('cannot be named "%s"', (role, problem) => {
    expect(roleProblem(role)).toBe(problem);
  });

  test('lies within itself and those above it, whole names alone', () => {
    const within = (role: string) => ['a', 'a/b', 'b', 'a/bc', ''].map((other) => isWithin(role, other));
    expect(within('a/b')).toEqual([true, true, false, false, false]);
    expect(within('a/b/c')).toEqual([true, true, false, false, false]);
    expect(within('a')).toEqual([true, false, false, false, false]);
    expect(within('ab')).toEqual([false, false, false, false, false]);
    expect(within('b/a')).toEqual([false, false, true, false, false]);
  });

  test('has one above it, unless it stands at the top', () => {
    expect([parentOf('a'), parentOf('a/b'), parentOf('a/b/c')]).toEqual([undefined, 'a', 'a/b']);
  });
});
