import { expect, test } from 'vitest';
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
} from '../../test/builders/index.ts';
import { allocate } from '../allocator/allocate.ts';
import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { ANNOTATION } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import { buildSnapshot } from '../world/world.ts';
import { giveWay } from '../plan/give-way.ts';
import { GiveWayMemory } from './give-way-memory.ts';

const night = aJob('night').field('revocable', true).group(aGroup('w').cpu('2'));
const low = aPool('low').replicas(1).cpu('1');

/** A cycle in which a job gives way to one of two pools. */
function cycleOf() {
  const snapshot = aSnapshot()
    .with(
      aRole('games'),
      aNode('n1').cpu('2'),
      night,
      aPod('night-w-0').ofJob(night, 'w', 0).on('n1').cpu('2').ready(),
    )
    .with(aNode('n2').cpu('1'), low, aPod('low-0').ofPool(low, 0).on('n2').cpu('1').ready())
    .with(aPool('wide').replicas(1).cpu('2').priority(1), aPool('high').replicas(1).cpu('1').priority(2))
    .build();
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  return { snapshot, allocation: allocate(snapshot, buildMatrices(snapshot, pending), answersBy(DRIVERS)) };
}

function remembered(): GiveWayMemory {
  const { snapshot, allocation } = cycleOf();
  const memory = new GiveWayMemory();
  const evictions = giveWay(snapshot, allocation).filter((command) => command.kind === 'evict');
  memory.decided(snapshot, allocation, evictions);
  return memory;
}

test('nominations are there for the next cycle', () => {
  const { nominations } = remembered().memory;
  expect(nominations.map(({ framework, node, tasks }) => `${framework} ${tasks} on ${node}`)).toEqual([
    'gsp/games/high 1 on n1',
  ]);
});

test('a nomination ends when a budget forbids an eviction on its node, and no other one does', () => {
  const memory = remembered();
  memory.blocked('uid-pod-games-low-0', 'budget', NOW);
  expect(memory.memory.nominations).toHaveLength(1);
  memory.blocked('uid-pod-training-night-w-0', 'budget', NOW);
  expect(memory.memory.nominations).toEqual([]);
});

test('nor does it outlive that when a cycle comes while the eviction is on its way, which keeps it', () => {
  const memory = remembered();
  const { snapshot, allocation } = cycleOf();
  memory.decided(snapshot, { ...allocation, evictions: [] }, []);
  expect(memory.memory.nominations).toHaveLength(1);
  memory.blocked('uid-pod-training-night-w-0', 'budget', NOW);
  expect(memory.memory.nominations).toEqual([]);
});

test('who gave way whole takes no offers for a while', () => {
  const memory = remembered();
  const told = [...memory.holds(NOW + 9999)].map(([id, { reason, message }]) => [id, reason, message]);
  expect(told).toEqual([
    ['tj/training/night', 'GaveWay', 'gave way to gsp/games/high, and takes no offers for 10 s'],
  ]);
  expect(memory.holds(NOW + 10_000).size).toBe(0);
});

test('who was to give way and was not let go takes offers again', () => {
  const memory = remembered();
  memory.answered('uid-pod-training-night-w-0', false);
  expect(memory.holds(NOW).size).toBe(0);
  expect(memory.memory.gaveWay.size).toBe(0);
});

test('what is left of a gang follows until it is gone, or whole again', () => {
  const wide = aJob('wide').field('revocable', true).group(aGroup('w').replicas(2).cpu('2'));
  const worker = (slot: number) =>
    aPod(`wide-w-${slot}`).ofJob(wide, 'w', slot).on(`n${slot}`).cpu('2').ready();
  const nodes = [0, 1].map((i) => aNode(`n${i}`).cpu('2'));
  const memory = new GiveWayMemory();
  const see = (...objects: Buildable[]) => {
    const snapshot = aSnapshot()
      .with(wide, ...nodes, ...objects)
      .build();
    const pending = snapshot.classes.filter((c) => c.pending.length > 0);
    const allocation = allocate(snapshot, buildMatrices(snapshot, pending), answersBy(DRIVERS));
    const evictions = giveWay(snapshot, allocation).filter((command) => command.kind === 'evict');
    memory.decided(snapshot, allocation, evictions);
    return [...memory.memory.rest.keys()];
  };
  const [gone, kept] = [0, 1].map((slot) => `uid-pod-training-wide-w-${slot}`) as [string, string];
  expect(see(worker(0), worker(1), aPool('high').replicas(1).cpu('2'))).toEqual([]);
  memory.answered(gone, true);
  memory.answered(kept, false);
  expect(see(worker(0).evicted(), worker(1))).toEqual([kept]);
  expect(see(worker(1))).toEqual([kept]);
  expect(see(worker(0), worker(1))).toEqual([]);
});

test('what Pods were told counts while they are in the way, and is forgotten when the notice comes to nothing', () => {
  const memory = new GiveWayMemory();
  const asked = () => [...memory.memory.asked];
  memory.told('u', NOW + 1000);
  expect(asked()).toEqual([['u', NOW + 1000]]);
  memory.told('u', undefined);
  expect(asked()).toEqual([]);
  memory.told('u', NOW + 1000);
  const nobody = aSnapshot().with(aNode('n1')).build();
  memory.decided(nobody, allocate(nobody, buildMatrices(nobody, []), answersBy(DRIVERS)), []);
  expect(asked()).toEqual([]);
});

test('the first time that stands on a Pod counts for a leader who has not asked it, as far as its notice goes', () => {
  const memory = new GiveWayMemory();
  const uid = 'uid-pod-games-low-0';
  const decide = (seconds: number, until: number) => {
    const pod = aPod('low-0').ofPool(low, 0).on('n2').cpu('1').ready();
    pod.annotation(ANNOTATION.notice, '30').annotation(ANNOTATION.inverseOffer, formatTime(until));
    const builder = aSnapshot().later(seconds).with(aNode('n2').cpu('1'), aRole('games'), low, pod);
    const high = aPool('high').replicas(1).cpu('1').priority(2);
    const snapshot = buildSnapshot({ ...builder.with(high).inputs(), preemption: memory.memory }, DRIVERS);
    const pending = snapshot.classes.filter((c) => c.pending.length > 0);
    memory.decided(snapshot, allocate(snapshot, buildMatrices(snapshot, pending), answersBy(DRIVERS)), []);
    return memory.memory.asked.get(uid);
  };
  expect(decide(0, NOW + 900_000)).toBe(NOW + 30_000);
  expect(decide(20, NOW + 900_000)).toBe(NOW + 30_000);
  expect(decide(25, NOW + 26_000)).toBe(NOW + 26_000);
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
