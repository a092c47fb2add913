import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import type { Offer } from '../../allocator/placing/offer.ts';
import { answersBy } from './driver.ts';
import { DRIVERS } from '../drivers.ts';

/** Offers to the only framework of a cluster: tasks and ports of each, for its nth class. */
function ask(
  workload: Buildable | readonly Buildable[],
  made: { tasks: number; ports?: number[]; group?: number }[],
  filled = 0,
) {
  const framework = aSnapshot()
    .with(aNode('n1'), ...[workload].flat())
    .build().frameworks[0]!;
  const offers = made.map(({ tasks, ports = [], group = 0 }, agent): Offer => {
    const demandClass = framework.classes[group]!;
    return { id: `${agent}`, framework: 0, role: 'r', agent, demandClass, tasks, ports };
  });
  const answer = answersBy(DRIVERS)({ framework, offers, filled: new Map([[0, filled]]) });
  if (answer.kind === 'decline') return answer.reason;
  return answer.launches.map(({ offer, vacancy, ports }) => [vacancy.name, offer.agent, ...ports]);
}

describe('a pool', () => {
  const arena = () => aPool('arena').replicas(4).port('game', 1).port('query', 2);

  test('fills its slots in order, each server with a run of ports', () => {
    const offers = [
      { tasks: 2, ports: [7000, 7001, 7002, 7003] },
      { tasks: 1, ports: [7000, 7001] },
    ];
    expect(ask(arena(), offers)).toEqual([
      ['arena-0', 0, 7000, 7001],
      ['arena-1', 0, 7002, 7003],
      ['arena-2', 1, 7000, 7001],
    ]);
  });

  test('goes on where the bundle before ended', () => {
    expect(ask(aPool('arena').replicas(4), [{ tasks: 2 }], 2)).toEqual([
      ['arena-2', 0],
      ['arena-3', 0],
    ]);
  });

  test('declines room for more servers than it lacks', () => {
    expect(ask(arena(), [{ tasks: 3 }], 2)).toBe('the offer has room for more servers than the pool lacks');
  });
});

describe('a job', () => {
  const learn = () => aJob('learn').group(aGroup('ps'), aGroup('w').replicas(3));

  test('takes room for all its workers, group by group, in order', () => {
    const offers = [{ tasks: 1 }, { tasks: 2, group: 1 }, { tasks: 1, group: 1 }];
    expect(ask(learn(), offers)).toEqual([
      ['learn-ps-0', 0],
      ['learn-w-0', 1],
      ['learn-w-1', 1],
      ['learn-w-2', 2],
    ]);
  });

  test('declines room for fewer, and none', () => {
    expect(ask(learn(), [{ tasks: 1 }, { tasks: 2, group: 1 }])).toBe('3 of 4 workers fit');
    expect(ask(learn(), [])).toBe('0 of 4 workers fit');
  });
});

describe('Pods of others', () => {
  const replicas = ['a', 'b', 'c'].map((name) => aPod(name).customer().ownedBy('ReplicaSet', 'web'));

  test('take every offer, one by one, and go on where the bundle before ended', () => {
    expect(ask(replicas, [{ tasks: 1 }, { tasks: 1 }])).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    expect(ask(replicas, [{ tasks: 1 }], 2)).toEqual([['c', 0]]);
    expect(ask(replicas, [{ tasks: 2 }], 2)).toBe('the offer has room for more Pods than wait');
  });

  test('take room for all that their gang lacks, or none', () => {
    const gang = ['a', 'b', 'c'].map((name) => aPod(name).gang('g', 3));
    expect(ask(gang, [{ tasks: 2 }])).toBe('2 of 3 Pods of the gang fit');
    expect(ask(gang, [{ tasks: 2 }, { tasks: 1 }])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 1],
    ]);
  });

  test('that a gang which runs does not need come one by one', () => {
    const bound = aPod('z').gang('g', 1).on('n1');
    const more = ['a', 'b'].map((name) => aPod(name).gang('g', 1));
    expect(ask([bound, ...more], [{ tasks: 1 }])).toEqual([['a', 0]]);
  });
});
