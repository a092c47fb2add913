import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  NOW,
  type Buildable,
  type PodBuilder,
} from '../../test/builders/index.ts';
import { ANNOTATION } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import type { FrameworkRef } from '../snapshot/framework-id.ts';
import { NO_MEMORY, type PreemptionMemory } from '../snapshot/preemption.ts';
import { cycle } from './cycle.test-helper.ts';
import { giveWay, nextDue } from './give-way.ts';

const low = aPool('low').replicas(1).cpu('2');
const high = aPool('high').replicas(1).cpu('2').priority(1);
/** Priorities count in the role of the namespace. */
const role = aRole('games');
const full = aNode('n1').cpu('2');
const server = (): PodBuilder => aPod('low-0').ofPool(low, 0).on('n1').cpu('2').resourceVersion('7').ready();
const asking = (seconds: number) => server().annotation(ANNOTATION.notice, String(seconds));
const asked = (until: number) => asking(30).annotation(ANNOTATION.inverseOffer, formatTime(until));

function decided(...objects: Buildable[]) {
  return withMemory(new Map(), ...objects);
}

/** @param asked when Pods were told to be gone, by UID */
function withMemory(asked: PreemptionMemory['asked'], ...objects: Buildable[]) {
  const { allocation, snapshot: seen } = cycle(aSnapshot().with(role, ...objects));
  const snapshot = { ...seen, preemption: { ...NO_MEMORY, asked } };
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

  test('has no more time than its notice, whatever its owner writes on it', () => {
    expect(decided(full, low, high, asked(NOW + 900_000))).toEqual({ commands: [], due: NOW + 30_000 });
  });

  test('has no more time than it was told, whatever its owner writes on it, and whether the time stands there', () => {
    const told = (until: number) => new Map([['uid-pod-games-low-0', until]]);
    const later = [
      asked(NOW + 900_000),
      asking(3600),
      asking(3600).annotation(ANNOTATION.inverseOffer, 'never'),
    ];
    for (const pod of later) {
      expect(withMemory(told(NOW + 5000), full, low, high, pod)).toEqual({ commands: [], due: NOW + 5000 });
      expect(withMemory(told(NOW), full, low, high, pod).commands).toMatchObject([{ kind: 'evict' }]);
    }
    expect(withMemory(told(NOW + 5000), full, low, high, asked(NOW + 1000)).due).toBe(NOW + 1000);
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

test('a worker, or a Pod of others, is evicted as it is then: who changes it all the time is evicted all the same', () => {
  const night = aJob('night').field('revocable', true).group(aGroup('w').cpu('2'));
  const worker = aPod('night-w-0').ofJob(night, 'w', 0).on('n1').cpu('2').ready();
  const other = aPod('spare')
    .namespace('games')
    .customer()
    .label('proffer.dev/revocable', 'true')
    .on('n1')
    .cpu('2');
  for (const objects of [[night, worker], [other]]) {
    const { commands } = decided(full, high, ...objects);
    expect(commands).toMatchObject([{ kind: 'evict', resourceVersion: undefined }]);
  }
});

describe('a gang', () => {
  const night = aJob('night').field('revocable', true).group(aGroup('w').replicas(2).cpu('2'));
  const worker = (slot: number, notice: number) =>
    aPod(`night-w-${slot}`)
      .ofJob(night, 'w', slot)
      .on(`n${slot + 1}`)
      .cpu('2')
      .annotation(ANNOTATION.notice, String(notice))
      .ready();
  const nodes = [full, aNode('n2').cpu('2')];

  test('is evicted with all of it at hand, and not before the last of it is due', () => {
    const { commands } = decided(...nodes, high, night, worker(0, 0), worker(1, 0));
    const names = commands.map(
      (command) => command.kind === 'evict' && command.gang?.map(({ name }) => name),
    );
    expect(names).toEqual([
      ['night-w-0', 'night-w-1'],
      ['night-w-0', 'night-w-1'],
    ]);
    const mixed = decided(...nodes, high, night, worker(0, 0), worker(1, 30)).commands;
    expect(mixed.map(({ kind }) => kind)).not.toContain('evict');
  });

  test('goes as soon as it has saved after it was asked, and when its time is over at the latest', () => {
    // Asked ten seconds ago, with thirty to go.
    const pods = [0, 1].map((slot) =>
      worker(slot, 30).annotation(ANNOTATION.inverseOffer, formatTime(NOW + 20_000)),
    );
    const saved = (secondsAgo: number) => {
      const checkpointTime = formatTime(NOW - secondsAgo * 1000);
      const progress = { step: 9, checkpointStep: 9, checkpointTime, lastTime: checkpointTime };
      const job = aJob('night').field('revocable', true).group(aGroup('w').replicas(2).cpu('2'));
      const { commands, due } = decided(...nodes, high, job.status({ progress }), ...pods);
      return [commands.map(({ kind }) => kind), due];
    };
    expect(saved(10)).toEqual([[], NOW + 20_000]);
    expect(saved(9)).toEqual([['evict', 'evict'], Infinity]);
  });

  test('loses those that it can do without each by itself', () => {
    const job = aJob('night')
      .field('revocable', true)
      .group(aGroup('w').replicas(3).cpu('2').field('minReplicas', 1));
    const pods = [0, 1, 2].map((slot) => worker(slot, slot === 1 ? 30 : 0));
    const two = aPool('high').replicas(2).cpu('2').priority(1);
    const three = [...nodes, aNode('n3').cpu('2')];
    const gone = decided(...three, two, job, ...pods).commands;
    expect(gone.map((command) => [command.kind, command.name])).toEqual([
      ['evict', 'night-w-2'],
      ['notice', 'night-w-1'],
    ]);
    expect(gone[0]).toMatchObject({ gang: undefined });
    // Without all of them none is of use.
    const all = decided(...three, aPool('high').replicas(3).cpu('2').priority(1), job, ...pods).commands;
    expect(all.map(({ kind }) => kind)).toEqual(['notice', 'notice', 'notice']);
  });

  test('is followed by what a budget kept of it, once that may be asked again', () => {
    const { snapshot: seen, allocation } = cycle(aSnapshot().with(role, ...nodes, night, worker(1, 0)));
    const [uid] = seen.frameworks.flatMap(({ live }) => live.map((pod) => pod.uid));
    const follow = (until: number) => {
      const blocked = new Map([[uid!, { until, message: 'budget' }]]);
      const preemption = { ...NO_MEMORY, blocked, rest: new Map([[uid!, BY as FrameworkRef]]) };
      return giveWay({ ...seen, preemption }, allocation);
    };
    expect(follow(NOW + 1)).toEqual([]);
    expect(follow(NOW)).toMatchObject([{ kind: 'evict', name: 'night-w-1', by: BY }]);
  });
});

test('those who are in the way of one framework are told of as company, and who is alone has none', () => {
  const small = [0, 1].map((i) => aPod(`low-${i}`).ofPool(low, i).on('n1').cpu('1').ready());
  const companies = (...objects: Buildable[]) =>
    decided(full, high, ...objects).commands.map(
      (command) => command.kind === 'evict' && command.company?.map(({ name }) => name),
    );
  const both = ['low-0', 'low-1'];
  expect(companies(aPool('low').replicas(2).cpu('1'), ...small)).toEqual([both, both]);
  expect(companies(low, server())).toEqual([undefined]);
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
