import { expect, test } from 'vitest';
import { percentOf, tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

const mutants = (file: string, ...verdicts: Verdict[]) =>
  verdicts.map((verdict) => ({
    file,
    line: 1,
    column: 1,
    operator: 'BooleanLiteral',
    replacement: 'true',
    verdict,
  }));

test('mutants that fail a test or never end are found, those that no test reaches are not', () => {
  const tried = [
    ...mutants('a/one.ts', 'killed', 'survived', 'timeout', 'uncovered'),
    ...mutants('b/two.ts', 'killed'),
    ...mutants('a/three.ts', 'killed'),
  ];
  expect(tally(tried, (file) => file.split('/')[0]!)).toEqual([
    { name: 'a', mutants: 5, found: 3, timeouts: 1, static: 0 },
    { name: 'b', mutants: 1, found: 1, timeouts: 0, static: 0 },
    { name: 'all', mutants: 6, found: 4, timeouts: 1, static: 0 },
  ]);
});

test('mutants that were not tried are told apart', () => {
  const tried = mutants('a.ts', 'static', 'static', 'killed');
  expect(tally(tried, () => 'a').at(-1)).toEqual({
    name: 'all',
    mutants: 1,
    found: 1,
    timeouts: 0,
    static: 2,
  });
});

test('parts are told in percent', () => {
  expect([percentOf(1, 3), percentOf(2, 2), percentOf(0, 0)]).toEqual(['33.3 %', '100.0 %', '-']);
});
