import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  NOW,
  type Buildable,
  type PodBuilder,
} from '../../test/builders/index.ts';
import { ANNOTATION } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import { cycle } from './cycle.test-helper.ts';
import { giveWay, nextDue } from './give-way.ts';

const low = aPool('low').replicas(1).cpu('2');
const high = aPool('high').replicas(1).cpu('2').priority(1);
const full = aNode('n1').cpu('2');
const server = (): PodBuilder => aPod('low-0').ofPool(low, 0).on('n1').cpu('2').resourceVersion('7').ready();
const asking = (seconds: number) => server().annotation(ANNOTATION.notice, String(seconds));
const asked = (until: number) => asking(30).annotation(ANNOTATION.inverseOffer, formatTime(until));

function decided(...objects: Buildable[]) {
  const { snapshot, allocation } = cycle(aSnapshot().with(...objects));
  return { commands: giveWay(snapshot, allocation), due: nextDue(snapshot, allocation) };
}

const THE_POD = {
  framework: { id: 'gsp/games/low', kind: 'GameServerPool', key: 'games/low' },
  namespace: 'games',
  name: 'low-0',
  uid: 'uid-pod-games-low-0',
  resourceVersion: '7',
};
const BY = { id: 'gsp/games/high', kind: 'GameServerPool', key: 'games/high' };

describe('a task that is in the way', () => {
  test('is evicted at once when it wants no notice, as it was seen', () => {
    expect(decided(full, low, high, server())).toEqual({
      commands: [{ kind: 'evict', ...THE_POD, by: BY }],
      due: Infinity,
    });
    expect(decided(full, low, high, asking(0)).commands).toHaveLength(1);
  });

  test('is asked first when it wants notice, once', () => {
    expect(decided(full, low, high, asking(30))).toEqual({
      commands: [{ kind: 'notice', ...THE_POD, until: NOW + 30_000, by: BY }],
      due: NOW + 30_000,
    });
    expect(decided(full, low, high, asked(NOW + 1000))).toEqual({ commands: [], due: NOW + 1000 });
  });

  test('is evicted when its time is over', () => {
    expect(decided(full, low, high, asked(NOW)).commands).toMatchObject([{ kind: 'evict', name: 'low-0' }]);
  });

  test('may stay when the need is gone', () => {
    expect(decided(full, low, asked(NOW + 1000)).commands).toEqual([
      { kind: 'notice', ...THE_POD, until: undefined, by: undefined },
    ]);
    expect(decided(full, low, asked(NOW + 1000).deleting()).commands).toEqual([]);
  });
});

test.each([
  ['a minute', 60],
  ['1e3', 0],
  ['-5', 0],
  ['soon', 0],
  ['999999', 3600],
])('notice is read as seconds, an hour at most: %s', (text, seconds) => {
  const pod = server().annotation(ANNOTATION.notice, text === 'a minute' ? '60' : text);
  const { due } = decided(full, low, high, pod);
  expect(due).toBe(seconds === 0 ? Infinity : NOW + seconds * 1000);
});
