import { expect, test } from 'vitest';
import type { CreateCommand } from '../plan/command.ts';
import { Probation } from './probation.ts';

const framework = (name: string) =>
  ({ id: `gsp/a/${name}`, kind: 'GameServerPool', key: `a/${name}` }) as const;
const create = (pool: string): CreateCommand =>
  ({ kind: 'create', framework: framework(pool), pod: {}, after: undefined }) as unknown as CreateCommand;

test('whoever was never refused is not held up', () => {
  const probation = new Probation();
  expect([create('a'), create('a')].map((c) => probation.admit(c))).toEqual([true, true]);
});

test('after a refusal one create goes first, of that framework alone, and the others wait for its answer', () => {
  const probation = new Probation();
  const [probe, second, third] = [create('a'), create('a'), create('a')];
  expect(probation.refused('gsp/a/a')).toEqual([]);
  expect([probe, second, third, create('b')].map((c) => probation.admit(c))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(probation.passed(probe)).toEqual([second, third]);
  expect(probation.admit(create('a'))).toBe(true);
  expect(probation.admit(create('a'))).toBe(true);
});

test('when the first one is refused the others are given up, and the next try is one again', () => {
  const probation = new Probation();
  const [probe, second] = [create('a'), create('a')];
  probation.refused('gsp/a/a');
  probation.admit(probe);
  probation.admit(second);
  expect(probation.refused('gsp/a/a')).toEqual([second]);
  expect([create('a'), create('a')].map((c) => probation.admit(c))).toEqual([true, false]);
});

test('while a create fails and is tried on, those that were not sent wait for it', () => {
  const probation = new Probation();
  const [failing, alike, second, third] = [create('a'), create('a'), create('a'), create('a')];
  expect([failing, alike].map((c) => probation.admit(c))).toEqual([true, true]);
  probation.suspect(failing);
  probation.suspect(alike);
  expect([second, third].map((c) => probation.admit(c))).toEqual([false, false]);
  expect(probation.passed(alike)).toEqual([]);
  expect(probation.passed(failing)).toEqual([second, third]);
});

test('creates that were on their way before the refusal say nothing about the next', () => {
  const probation = new Probation();
  const early = create('a');
  probation.admit(early);
  probation.refused('gsp/a/a');
  const probe = create('a');
  probation.admit(probe);
  expect(probation.passed(early)).toEqual([]);
  expect(probation.admit(create('a'))).toBe(false);
});

test('of creates that nobody knows the end of one goes first, too', () => {
  const probation = new Probation();
  const [probe, second] = [create('a'), create('a')];
  probation.doubt('gsp/a/a');
  expect([probe, second].map((c) => probation.admit(c))).toEqual([true, false]);
  // One that is on its way stays the first.
  probation.doubt('gsp/a/a');
  expect(probation.passed(probe)).toEqual([second]);
});
