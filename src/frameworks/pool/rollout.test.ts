import { describe, expect, test } from 'vitest';
import type { PoolUpdate } from '../../api/pool/update.ts';
import { bounds, rollout, type Wanted } from './rollout.ts';
import { byName, serverOf, updateOf } from './rollout.test-helper.ts';

/**
 * Servers from a row of letters. o and n: ready, of an old revision and of the new one; O and N: starting; x: old and cannot
 * start; z: the same, and can be changed in place; X: new and cannot start; h and H: held, old and new; i and I: as o and O, and can be changed in
 * place; m and M: as n and N, on a node that is to go.
 */
const servers = (row: string) =>
  [...row.matchAll(/./g)].map(([letter], i) =>
    serverOf({
      name: `${String(i).padStart(3, '0')}${letter}`,
      revision: 'nNXHmM'.includes(letter) ? 'new' : 'old',
      ready: 'onhHim'.includes(letter),
      session: 'hH'.includes(letter) ? 'Allocated' : '',
      stuck: 'xXz'.includes(letter) ? 'container main: ImagePullBackOff' : '',
    }),
  );

const isToMove = ({ name }: { readonly name: string }): boolean => /[mM]$/.test(name);
const canChange = ({ name }: { readonly name: string }): boolean => /[iIz]$/.test(name);

const step = (
  row: string,
  replicas: number,
  given: Partial<PoolUpdate> = {},
  more: Partial<Wanted> = {},
): string => {
  const wanted = {
    replicas,
    revision: 'new',
    update: updateOf(given),
    blocked: false,
    leaving: 0,
    ordered: 0,
    order: byName,
    canChange,
    isToMove,
    ...more,
  };
  const { make, outdated, surplus, changed } = rollout(servers(row), wanted);
  const letters = (pods: typeof outdated) => pods.map(({ name }) => name.at(-1)).join('');
  const inPlace = changed.length === 0 ? '' : ` ~${letters(changed)}`;
  return `+${make} -${letters(outdated)} -${letters(surplus)}${inPlace}`;
};

describe('an update, step by step', () => {
  test.each<[what: string, row: string, replicas: number, step: string]>([
    ['nothing to do', 'nnnn', 4, '+0 - -'],
    ['makes the surge and takes what may be unavailable', 'oooooooo', 8, '+2 -oo -'],
    ['goes on when new ones are ready', 'oooooonnnn', 8, '+0 -oooo -'],
    ['waits while new ones start', 'ooooooNN', 8, '+2 - -'],
    ['ends with the old ones, the surge included', 'oonnnnnnnn', 8, '+0 -oo -'],
    ['of one server, which stays until the new one is ready', 'o', 1, '+1 - -'],
    ['of one server, whose new one is ready', 'on', 1, '+0 -o -'],
    ['stops when new ones cannot start', 'ooooooXXXX', 8, '+0 - -'],
    ['takes servers that cannot start at once', 'xxxxxxxx', 8, '+2 -xxxxxxxx -'],
    ['takes those that start before those that are ready', 'oooOOOoo', 8, '+2 -OO -'],
    ['mended takes the broken ones of the step before', 'xxxxnnnnnn', 8, '+0 -xxxx -'],
    ['counts free servers alone: held ones need no replacement', 'hhhhhhoooo', 10, '+1 -o -'],
    [
      'never takes all free ones, however many are held',
      `${'h'.repeat(80)}${'o'.repeat(20)}`,
      100,
      '+5 -ooooo -',
    ],
    ['never takes held ones, however many there are', 'hhhhhh', 4, '+0 - -'],
    ['replaces a held one when its session is over', 'hhhnn', 6, '+1 - -'],
    ['and a scale to more', 'oooo', 8, '+6 - -'],
    ['and a scale to less take old ones', 'oooooooo', 4, '+0 -ooooo -'],
    ['and a scale to less in the middle keep ready ones', 'ooonnnNNNN', 4, '+0 -ooo -NN'],
    ['to zero', 'ooNh', 0, '+0 -oo -N'],
    ['from zero', '', 3, '+3 - -'],
  ])('%s', (_, row, replicas, expected) => {
    expect(step(row, replicas)).toBe(expected);
  });

  test.each<[what: string, row: string, replicas: number, given: Partial<PoolUpdate>, step: string]>([
    ['without surge takes first', 'oooo', 4, { maxSurge: 0, maxUnavailable: 1 }, '+0 -o -'],
    ['without surge makes what it took', 'ooo', 4, { maxSurge: 0, maxUnavailable: 1 }, '+1 - -'],
    ['with all unavailable takes all', 'oooo', 4, { maxUnavailable: '100%' }, '+1 -oooo -'],
    ['with shares that come to nothing moves one', 'oo', 2, { maxSurge: 0, maxUnavailable: '1%' }, '+0 -o -'],
    ['that is paused takes none, and makes none beside', 'oooo', 4, { paused: true }, '+0 - -'],
    ['that is paused scales up', 'oooo', 5, { paused: true }, '+1 - -'],
    ['that is paused scales down to the number', 'oooo', 2, { paused: true }, '+0 - -oo'],
    ['by Recreate takes all that are free', 'oonhN', 5, { strategy: 'Recreate' }, '+0 -oo -'],
    ['by Recreate then makes all', 'h', 3, { strategy: 'Recreate' }, '+2 - -'],
    ['by Recreate that is paused takes none', 'oo', 2, { strategy: 'Recreate', paused: true }, '+0 - -'],
  ])('%s', (_, row, replicas, given, expected) => {
    expect(step(row, replicas, given)).toBe(expected);
  });

  test('by Recreate makes none while old ones still end', () => {
    expect(step('h', 3, { strategy: 'Recreate' }, { leaving: 1 })).toBe('+0 - -');
  });

  test('changes none in place on a node that is to go', () => {
    expect(step('iiii', 4, {}, { isToMove: () => true })).toBe('+1 -i -');
  });

  test('by Recreate that is paused fills the place of one that ends', () => {
    expect(step('h', 3, { strategy: 'Recreate', paused: true }, { leaving: 1 })).toBe('+2 - -');
  });

  test('counts those that were told to go until they are gone: players may be quicker', () => {
    expect(step('oooooooo', 8, {}, { ordered: 2 })).toBe('+0 -oo -');
    expect(step('oooooo', 8, {}, { ordered: 2 })).toBe('+2 - -');
    expect(step('nnnnnn', 8, {}, { ordered: 3 })).toBe('+1 - -');
    expect(step('nnnnnn', 8)).toBe('+2 - -');
  });

  test('whose servers cannot be made takes nothing away', () => {
    expect(step('oooo', 4, {}, { blocked: true })).toBe('+1 - -');
    expect(step('oooonn', 2, { strategy: 'Recreate' }, { blocked: true })).toBe('+0 - -oooo');
  });
});

describe('an update in place, step by step', () => {
  test.each<[what: string, row: string, replicas: number, given: Partial<PoolUpdate>, step: string]>([
    ['changes what may be unavailable, and makes none', 'iiiiiiii', 8, {}, '+0 - - ~ii'],
    ['waits while those start anew', 'iiiiiiNN', 8, {}, '+0 - -'],
    ['goes on when they are ready', 'iiiiiinn', 8, {}, '+0 - - ~ii'],
    ['changes those that start before those that are ready', 'iiiiiIIi', 8, {}, '+0 - - ~II'],
    ['makes new ones for those that cannot be changed', 'ooooiiii', 8, {}, '+2 -oo -'],
    ['stops when changed ones do not come up', 'iiiiiiXX', 8, {}, '+0 - -'],
    ['never touches held ones, and counts free ones alone', 'hhhhiiii', 8, {}, '+0 - - ~i'],
    ['replaces those that cannot start: a new Pod says why', 'zzii', 4, {}, '+1 -zz -'],
    ['that is paused changes none', 'iiii', 4, { paused: true }, '+0 - -'],
    ['of a few has one stand in for each', 'iii', 3, {}, '+1 - -'],
    ['of a few waits for it', 'iiiN', 3, {}, '+0 - -'],
    ['of a few goes on when it is ready', 'iiin', 3, {}, '+0 - - ~i'],
    ['of a few waits for each', 'iinN', 3, {}, '+0 - -'],
    ['of a few ends without it', 'nnnn', 3, {}, '+0 - -n'],
    ['without surge changes one', 'iii', 3, { maxSurge: 0, maxUnavailable: 1 }, '+0 - - ~i'],
    ['and a scale to more', 'iiii', 6, {}, '+2 - -'],
    ['and a scale to less change none that goes', 'iiiiiiii', 4, {}, '+0 -iiii - ~i'],
    ['to zero', 'ii', 0, {}, '+0 -ii -'],
  ])('%s', (_, row, replicas, given, expected) => {
    expect(step(row, replicas, given)).toBe(expected);
  });

  test('is not done while servers cannot be made: what is wrong may be the template', () => {
    expect(step('iiii', 4, { maxUnavailable: 2 }, { blocked: true })).toBe('+0 - -');
  });
});

describe('servers on a node that is to go', () => {
  test.each<[what: string, row: string, replicas: number, given: Partial<PoolUpdate>, step: string]>([
    ['stay until others are ready', 'mmnn', 4, {}, '+1 - -'],
    ['stay while others start', 'mmnnN', 4, {}, '+0 - -'],
    ['go when others are ready', 'mmnnn', 4, {}, '+0 -m -'],
    ['go as fast as the surge lets others come', 'mmmm', 4, { maxSurge: '100%' }, '+4 - -'],
    ['go one after the other without surge', 'mmnn', 4, { maxSurge: 0, maxUnavailable: 1 }, '+0 -m -'],
    ['go while an update is paused, too', 'mmnnn', 4, { paused: true }, '+0 -m -'],
    ['go by Recreate in the same way', 'mmnnn', 4, { strategy: 'Recreate' }, '+0 -m -'],
    ['wait by Recreate for an update', 'mmoo', 4, { strategy: 'Recreate' }, '+0 -oo -'],
    ['go with an update within its bounds', 'mmmmoooo', 8, {}, '+2 -mm -'],
  ])('%s', (_, row, replicas, given, expected) => {
    expect(step(row, replicas, given)).toBe(expected);
  });
});

test('a server that lost the label of its revision stays', () => {
  const lost = servers('oo').map((pod) => ({ ...pod, task: { ...pod.task, revision: '' } }));
  const wanted = {
    replicas: 2,
    revision: 'new',
    update: updateOf(),
    blocked: false,
    leaving: 0,
    ordered: 0,
    order: byName,
    canChange: () => true,
    isToMove: () => false,
  };
  expect(rollout(lost, wanted)).toEqual({ make: 0, outdated: [], changed: [], surplus: [] });
});

test('shares are of the servers that nobody holds: surge is rounded up, unavailable down', () => {
  expect(bounds(updateOf(), 10)).toEqual({ most: 13, least: 8 });
  expect(bounds(updateOf(), 3)).toEqual({ most: 4, least: 3 });
  expect(bounds(updateOf({ maxSurge: 2, maxUnavailable: 20 }), 10)).toEqual({ most: 12, least: 0 });
  expect(bounds(updateOf(), 0)).toEqual({ most: 0, least: 0 });
});
