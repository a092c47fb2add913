import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverQuery } from '../api/pool/query.ts';
import type { Finding } from './ask.ts';
import { afterFinding, firstStanding, nextQuestion, type Standing } from './standing.ts';

const QUERY = serverQuery.parse({ protocol: 'A2S', port: 'game', initialDelaySeconds: 60 });
const FINDINGS: Readonly<Record<string, Finding>> = {
  a: { kind: 'answered', answer: {} },
  s: { kind: 'unanswered', how: 'Silent', why: 'no answer within 1 s' },
  r: { kind: 'unanswered', how: 'Refused', why: 'its port is closed' },
  u: { kind: 'unasked', why: 'no files' },
};

/** Where a server stands that is asked every ten seconds, with what comes of it as letters. */
function after(
  letters: string,
  verdict: Standing['verdict'] = 'Answers',
  spared = false,
): Standing['verdict'] {
  let standing = firstStanding(verdict, QUERY, 0);
  let now = 0;
  for (const letter of letters) {
    standing = afterFinding(standing, FINDINGS[letter]!, QUERY, now, spared);
    now += 10_000;
  }
  return standing.verdict;
}

describe('a server that answered', () => {
  test.each([
    ['one miss says nothing', 's', 'Answers'],
    ['nor do two', 'sr', 'Answers'],
    ['nor do many that do not follow each other', 'ssassasr', 'Answers'],
    ['three in a row say that it hangs', 'sss', 'Silent'],
    ['refused each time it is dead', 'rrr', 'Refused'],
    ['refused now and then it may hang', 'rsr', 'Silent'],
    ['one that hung and then refuses is dead', 'sssrrr', 'Refused'],
    ['a closed port stays closed though that is not told every time', 'rrrssss', 'Refused'],
    ['until it answers', 'rrrsa', 'Answers'],
    ['a fault of ours is no miss', 'ssuuuu', 'Answers'],
    ['nor does it make up for one', 'ssus', 'Silent'],
  ] as const)('%s', (_, letters, verdict) => {
    expect(after(letters)).toBe(verdict);
  });

  test('is held to do so while it is spared, whatever comes', () => {
    expect(after('sssssrrrrr', 'Answers', true)).toBe('Answers');
  });
});

describe('a server that starts', () => {
  /** Asks every second. @returns second by second what is held of it */
  const held = (seconds: number, answersAt = Infinity) => {
    let standing = firstStanding(undefined, QUERY, 0);
    return Array.from({ length: seconds }, (_, second) => {
      const finding = second >= answersAt ? FINDINGS['a']! : FINDINGS['r']!;
      return (standing = afterFinding(standing, finding, QUERY, second * 1000, false)).verdict;
    });
  };

  test('is ready as soon as it answers, before its initial delay is over', () => {
    const verdicts = held(30, 7);
    expect(verdicts.indexOf('Answers')).toBe(7);
  });

  test('is given its initial delay and its periods before it is given up', () => {
    const first = held(120).findIndex((verdict) => verdict !== undefined);
    expect(first).toBeGreaterThanOrEqual(60 + 25);
    expect(first).toBeLessThanOrEqual(60 + 30);
  });

  test('is asked each second until it is known', () => {
    const starting = firstStanding(undefined, QUERY, 0);
    expect(nextQuestion(starting, QUERY, 0.5, 1234)).toBe(2234);
    expect(nextQuestion(firstStanding('Answers', QUERY, 0), QUERY, 0.5, 1234)).toBe(5000);
    expect(nextQuestion(firstStanding('Answers', QUERY, 0), QUERY, 0.5, 5000)).toBe(15_000);
  });
});

test('whatever comes, a server is given up only after as many misses in a row as its threshold says', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 's', 'r', 'u'), { maxLength: 40 }), (letters) => {
      const verdict = after(letters.join(''));
      const run = letters.join('').replaceAll('u', '');
      const everMissed = /[sr]{3}/.test(run);
      if (!everMissed) expect(verdict).toBe('Answers');
      if (run.endsWith('a')) expect(verdict).toBe('Answers');
      if (verdict === 'Refused') expect(run).toMatch(/rrr/);
    }),
  );
});
