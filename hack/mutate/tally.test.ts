import { expect, test } from 'vitest';
import { percentOf, tally } from './tally.ts';

const mutants = (...statuses: string[]) => ({
  mutants: statuses.map((status) => ({
    status,
    mutatorName: 'BooleanLiteral',
    location: { start: { line: 1, column: 1 } },
  })),
});

test('mutants that fail a test or never end are killed, those that no test reaches are not', () => {
  const files = {
    'a/one.ts': mutants('Killed', 'Survived', 'Timeout', 'NoCoverage'),
    'b/two.ts': mutants('Killed'),
    'a/three.ts': mutants('Killed'),
  };
  expect(tally({ files }, (file) => file.split('/')[0]!)).toEqual([
    { name: 'a', killed: 3, all: 5 },
    { name: 'b', killed: 1, all: 1 },
    { name: 'all', killed: 4, all: 6 },
  ]);
});

test('mutants that were not tried, or that do not compile, do not count', () => {
  const files = { 'a.ts': mutants('Ignored', 'CompileError', 'RuntimeError', 'Pending') };
  expect(tally({ files }, () => 'a').at(-1)).toEqual({ name: 'all', killed: 0, all: 0 });
});

test('parts are told in percent', () => {
  expect([percentOf(1, 3), percentOf(2, 2), percentOf(0, 0)]).toEqual(['33.3 %', '100.0 %', '-']);
});
