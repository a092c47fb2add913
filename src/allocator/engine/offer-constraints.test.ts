import { describe, expect, test } from 'vitest';
import { parseAttributes } from './attributes.ts';
import { EventError } from './event-error.ts';
import type { AttributeConstraint } from './events.ts';
import { compileConstraints } from './offer-constraints.ts';

const agent = (attributes: string, region: string | null = null, zone: string | null = null) => ({
  hostname: 'host-1',
  region,
  zone,
  attributes: parseAttributes(attributes, 'test'),
});
const passes = (groups: AttributeConstraint[][], ...agents: ReturnType<typeof agent>[]): boolean[] => {
  const allows = compileConstraints(groups, 'groups')!;
  return agents.map((each) => allows(each));
};
const rack = (is: 'equals' | 'notEquals' | 'matches' | 'notMatches', value: string) =>
  [[{ attribute: 'rack', is, value }]] satisfies AttributeConstraint[][];

const R1 = agent('rack:r1;slots:4');
const R12 = agent('rack:r12');
const NONE = agent('zone:r1');
/** Its rack is a number, so that tests of texts pass it. */
const NUMBER = agent('rack:5');

describe('a constraint', () => {
  test('asks for an attribute, or for its absence', () => {
    expect(passes([[{ attribute: 'rack', is: 'exists' }]], R1, NONE, NUMBER)).toEqual([true, false, true]);
    expect(passes([[{ attribute: 'rack', is: 'notExists' }]], R1, NONE, NUMBER)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('compares texts; the absent is unequal, what is no text passes', () => {
    expect(passes(rack('equals', 'r1'), R1, R12, NONE, NUMBER)).toEqual([true, false, false, true]);
    expect(passes(rack('notEquals', 'r1'), R1, R12, NONE, NUMBER)).toEqual([false, true, true, true]);
  });

  test('matches the whole of a text', () => {
    expect(passes(rack('matches', 'r.'), R1, R12, NONE, NUMBER)).toEqual([true, false, false, true]);
    expect(passes(rack('matches', 'r1|r12'), R1, R12)).toEqual([true, true]);
    expect(passes(rack('notMatches', 'r.'), R1, R12, NONE, NUMBER)).toEqual([false, true, true, true]);
    expect(passes(rack('matches', '[r]\\w{1,2}'), R1, R12)).toEqual([true, true]);
  });

  test('looks at the first attribute of a name', () => {
    expect(passes(rack('equals', 'b'), agent('rack:a;rack:b'))).toEqual([false]);
  });

  test('can look at host, region and zone instead', () => {
    const here = agent('', 'eu', 'z1');
    const property = (name: 'HOSTNAME' | 'REGION' | 'ZONE', value: string) =>
      passes([[{ property: name, is: 'equals', value }]], here, agent(''));
    expect(property('HOSTNAME', 'host-1')).toEqual([true, true]);
    expect(property('REGION', 'eu')).toEqual([true, false]);
    expect(property('ZONE', 'z1')).toEqual([true, false]);
    expect(property('ZONE', 'eu')).toEqual([false, false]);
    expect(passes([[{ property: 'REGION', is: 'notExists' }]], here, agent(''))).toEqual([false, true]);
  });
});

describe('groups of constraints', () => {
  test('pass what passes all of one of them', () => {
    const groups: AttributeConstraint[][] = [
      [...rack('equals', 'r1')[0]!, { attribute: 'slots', is: 'exists' }],
      [{ attribute: 'zone', is: 'exists' }],
    ];
    expect(passes(groups, R1, R12, NONE, agent('rack:r1'))).toEqual([true, false, true, false]);
  });

  test('without any there is no test; an empty one passes everything', () => {
    expect(compileConstraints([], 'groups')).toBeNull();
    expect(passes([[]], R1, NONE)).toEqual([true, true]);
  });
});

describe('a pattern', () => {
  test.each(['a*b+c{2}', '\\*\\*\\*\\*', '[*+*+]x*', 'a'.repeat(100), '(?:a|b)c', '(a|b)?', '\\d'])(
    'can be %s',
    (pattern) => {
      expect(() => compileConstraints(rack('matches', pattern), 'groups')).not.toThrow();
    },
  );

  test.each([
    ['a'.repeat(101), 'is longer than 100 characters'],
    ['(a)\\1', 'uses back-references or look-around, which are not supported'],
    ['(?<n>a)\\k<n>', 'uses back-references or look-around, which are not supported'],
    ['(?=a)b', 'uses back-references or look-around, which are not supported'],
    ['(?!a)b', 'uses back-references or look-around, which are not supported'],
    ['a*b*c*d*', 'repeats more than 3 times'],
    ['a*b+c{1}d*', 'repeats more than 3 times'],
    ['(ab)*', 'repeats a group; repeat single characters or classes instead'],
    ['(ab)+', 'repeats a group; repeat single characters or classes instead'],
    ['(ab){2}', 'repeats a group; repeat single characters or classes instead'],
    ['(a', 'is no regular expression: '],
  ])('cannot be %s', (pattern, problem) => {
    for (const is of ['matches', 'notMatches'] as const) {
      const groups = [[], rack(is, pattern)[0]!];
      const compile = () => compileConstraints(groups, 'groups');
      expect(compile).toThrow(EventError);
      expect(compile).toThrow(`groups[1][0].value: the pattern "${pattern}" ${problem}`);
    }
  });
});
