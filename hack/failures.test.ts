import { describe, expect, test } from 'vitest';
import { failureLines } from './failures.ts';

const failure = (error: string, name = 'adds > up') => ({ file: 'src/a.test.ts', name, error });

describe('the failures at the end of a log', () => {
  test('name file and test, and begin the error, without colours and empty lines', () => {
    expect(failureLines([failure('\u001b[31mexpected 1\u001b[39m\n\nto be 2\n  really\nnot shown')])).toEqual(
      ['FAILED src/a.test.ts > adds > up', '    expected 1', '    to be 2', '      really'],
    );
  });

  test('a file that did not load has no name', () => {
    expect(failureLines([failure('Cannot find module', '')])).toEqual([
      'FAILED src/a.test.ts',
      '    Cannot find module',
    ]);
  });

  test('a long error is cut', () => {
    const [, line] = failureLines([failure('x'.repeat(301))]);
    expect(line).toBe(`    ${'x'.repeat(299)}…`);
    expect(failureLines([failure('x'.repeat(300))])[1]).toBe(`    ${'x'.repeat(300)}`);
  });

  test('ten of them, and the number of the others', () => {
    const twelve = Array.from({ length: 12 }, (_, i) => failure('', `t${i}`));
    expect(failureLines(twelve).slice(-2)).toEqual(['FAILED src/a.test.ts > t9', 'and 2 more']);
    expect(failureLines(twelve)).toHaveLength(11);
    expect(failureLines(twelve.slice(0, 10)).at(-1)).toBe('FAILED src/a.test.ts > t9');
  });
});
