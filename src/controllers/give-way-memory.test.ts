import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot, NOW } from '../../test/builders/index.ts';
import { allocate } from '../allocator/allocate.ts';
import { answerOffers } from '../frameworks/answer.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { giveWay } from '../plan/give-way.ts';
import { GiveWayMemory } from './give-way-memory.ts';

const night = aJob('night').field('revocable', true).group(aGroup('w').cpu('2'));
const low = aPool('low').replicas(1).cpu('1');

/** A cycle in which a job gives way to one of two pools. */
function remembered(): GiveWayMemory {
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('2'), night, aPod('night-w-0').ofJob(night, 'w', 0).on('n1').cpu('2').ready())
    .with(aNode('n2').cpu('1'), low, aPod('low-0').ofPool(low, 0).on('n2').cpu('1').ready())
    .with(aPool('wide').replicas(1).cpu('2').priority(1), aPool('high').replicas(1).cpu('1').priority(2))
    .build();
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  const allocation = allocate(snapshot, buildMatrices(snapshot, pending), answerOffers);
  const memory = new GiveWayMemory();
  const evictions = giveWay(snapshot, allocation).filter((command) => command.kind === 'evict');
  memory.decided(snapshot, allocation, evictions);
  return memory;
}

test('claims are there for the next cycle', () => {
  const { claims } = remembered().memory;
  expect(claims.map(({ framework, node, tasks }) => `${framework} ${tasks} on ${node}`)).toEqual([
    'gsp/games/high 1 on n1',
  ]);
});

test('who gave way whole takes no offers for a while', () => {
  const memory = remembered();
  const told = [...memory.holds(NOW + 9999)].map(([id, { reason, message }]) => [id, reason, message]);
  expect(told).toEqual([
    ['tj/training/night', 'GaveWay', 'gave way to gsp/games/high, and takes no offers for 10 s'],
  ]);
  expect(memory.holds(NOW + 10_000).size).toBe(0);
});

test('a budget that goes on forbidding is asked more and more rarely', () => {
  const memory = new GiveWayMemory();
  const until = () => memory.memory.blocked.get('u')?.until;
  memory.blocked('u', 'budget a', NOW);
  expect(until()).toBe(NOW + 1000);
  memory.blocked('u', 'budget a', NOW + 2000);
  expect(until()).toBe(NOW + 4000);
  for (let i = 0; i < 20; i++) memory.blocked('u', 'budget a', NOW);
  expect(memory.memory.blocked.get('u')).toMatchObject({ until: NOW + 60_000, message: 'budget a' });
  memory.clear();
  expect(until()).toBeUndefined();
});
