import { describe, expect, test } from 'vitest';
import { actionFor, isProtected, RULES, type Action } from './rules.ts';

/** Signals to which a rule table answers with an action. */
const signalsOf = (kind: keyof typeof RULES, action: Action): string[] =>
  Object.entries(RULES[kind]).flatMap(([signal, its]) => (its === action ? [signal] : []));

test('a task is recreated at once unless it failed, is well or is done', () => {
  expect(signalsOf('GameServerPool', 'retry')).toEqual(['Crashed', 'HelperCrashed', 'Closed', 'Mute']);
  expect(signalsOf('TrainingJob', 'retry')).toEqual(['Crashed', 'NeverStarted']);
  expect(signalsOf('GameServerPool', 'keep')).toEqual(['Ready', 'Starting', 'NeverStarted']);
  expect(signalsOf('TrainingJob', 'keep')).toEqual(['Ready', 'Starting', 'HelperCrashed', 'Closed', 'Mute']);
  expect(signalsOf('GameServerPool', 'complete')).toEqual([]);
  expect(signalsOf('TrainingJob', 'complete')).toEqual(['Exited']);
});

test('what is on its way out by an order is not touched', () => {
  expect(signalsOf('GameServerPool', 'refill')).toEqual(['Deleting']);
  expect(signalsOf('TrainingJob', 'refill')).toEqual(['Deleting']);
});

describe('the action for a task', () => {
  const pool = 'GameServerPool';
  test.each([
    ['a server that ended after a session makes room at once', pool, 'Exited', '', 5000, 'replace'],
    ['a server that ended as soon as it began has failed', pool, 'Exited', '', 4999, 'retry'],
    ['a server that ended after an unknown time has failed', pool, 'Exited', '', 0, 'retry'],
    [
      'a worker that ended as soon as it began is done all the same',
      'TrainingJob',
      'Exited',
      '',
      0,
      'complete',
    ],
    ['players on a silent node are left alone', pool, 'NodeLost', 'Allocated', 0, 'keep'],
    ['a reserved server on a silent node is left alone', pool, 'NodeLost', 'Reserved', 0, 'keep'],
    ['players on a node that is being deleted are left alone', pool, 'NodeLeaving', 'Allocated', 0, 'keep'],
    ['nobody plays where no node is', pool, 'NodeGone', 'Allocated', 0, 'replace'],
    ['a server that crashed is recreated, whoever had it', pool, 'Crashed', 'Allocated', 60_000, 'retry'],
    ['players whose server lost a helper are left alone', pool, 'HelperCrashed', 'Allocated', 0, 'keep'],
    ['a server that does not answer is recreated', pool, 'Mute', '', 60_000, 'retry'],
    ['players whose server does not answer are left alone', pool, 'Mute', 'Allocated', 60_000, 'keep'],
    ['so is a reserved one', pool, 'Mute', 'Reserved', 60_000, 'keep'],
    ['a closed port has no players, whoever had it', pool, 'Closed', 'Allocated', 60_000, 'retry'],
    ['players under an unknown session state too', pool, 'NodeLost', 'allocated', 0, 'keep'],
  ] as const)('%s', (_, kind, signal, session, ranMs, action) => {
    expect(actionFor(kind, signal, session, ranMs)).toBe(action);
  });

  test('players hold a server with any session state, however it is spelled', () => {
    const states = ['Allocated', 'Reserved', 'allocated', ''];
    expect(states.map(isProtected)).toEqual([true, true, true, false]);
  });
});
