import { expect, test } from 'vitest';
import { aGroup, aJob, aPod } from '../../../test/builders/index.ts';
import { COUNTER_PREFIX } from '../../api/group.ts';
import { aServer, PodWorld } from './pods.test-helper.ts';

const self = (world: PodWorld, name = 'arena-0') => {
  const { namespace = '', uid = '' } = world.pods.get(name)!.metadata;
  return { namespace, name, uid };
};
const told = (world: PodWorld) =>
  Object.fromEntries(
    Object.entries(world.pods.get('arena-0')!.metadata.annotations ?? {}).flatMap(([key, value]) =>
      key.startsWith(COUNTER_PREFIX) ? [[key.slice(COUNTER_PREFIX.length), value]] : [],
    ),
  );

test('a counter stands on the Pod, whatever else changed of it, and is known before the watch shows it', async () => {
  const world = new PodWorld(aServer(0).annotation(`${COUNTER_PREFIX}rooms`, '1/2'));
  world.touch('arena-0', { somebody: 'else' });
  await world.counters.put(self(world), 'players', { count: 3, capacity: 16 });
  await world.counters.put(self(world), 'rooms', { count: 2 });
  expect(told(world)).toEqual({ players: '3/16', rooms: '2' });
  expect(world.inventory.get('games/arena-0')!.task.counters).toEqual({
    players: { count: 3, capacity: 16 },
    rooms: { count: 2 },
  });
});

test('a worker tells how far it is in the same way', async () => {
  const learn = aJob('learn').namespace('games').group(aGroup('w'));
  const world = new PodWorld(aPod('learn-w-0').ofJob(learn, 'w', 0).on('n1'));
  await world.counters.put(self(world, 'learn-w-0'), 'step', { count: 120, capacity: 1000 });
  expect(world.pods.get('learn-w-0')!.metadata.annotations).toMatchObject({
    [`${COUNTER_PREFIX}step`]: '120/1000',
  });
});

test('what is known already is not written', async () => {
  const world = new PodWorld(aServer(0));
  for (let i = 0; i < 3; i++) await world.counters.put(self(world), 'players', { count: 3 });
  expect(world.sent).toHaveLength(1);
  await world.counters.put(self(world), 'players', { count: 3, capacity: 4 });
  expect(world.sent).toHaveLength(2);
});

test('of one server there are sixteen, also when it names more of them at once', async () => {
  const world = new PodWorld(aServer(0));
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
  const results = await Promise.allSettled(
    names.map((name) => world.counters.put(self(world), name, { count: 1 })),
  );
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4);
  expect(results[16]).toMatchObject({ reason: { code: 'PROFFER_ALLOCATION_INVALID', field: 'name' } });
  expect(Object.keys(told(world)).sort()).toEqual(names.slice(0, 16).sort());
  await world.counters.put(self(world), 'c3', { count: 2 });
  expect(told(world)).toMatchObject({ c3: '2' });
});

test('a Pod that is no server, or another one of its name by now, is turned away', async () => {
  const world = new PodWorld(aServer(0), aPod('foreign').on('n1'));
  const forbidden = { code: 'PROFFER_ALLOCATION_FORBIDDEN' };
  const put = (of: ReturnType<typeof self>) => world.counters.put(of, 'players', { count: 1 });
  await expect(put(self(world, 'foreign'))).rejects.toMatchObject(forbidden);
  await expect(put({ ...self(world), uid: 'before' })).rejects.toMatchObject(forbidden);
  expect(world.sent).toEqual([]);
  // The watch does not know yet that there is another one.
  const before = self(world);
  const pod = world.pods.get('arena-0')!;
  world.store({ ...pod, metadata: { ...pod.metadata, uid: 'after' } });
  await expect(put(before)).rejects.toMatchObject(forbidden);
  expect(told(world)).toEqual({});
});

test('a server whose end the watch has shown meanwhile is not known again', async () => {
  const world = new PodWorld(aServer(0));
  world.after = () => world.inventory.delete('games/arena-0');
  await world.counters.put(self(world), 'players', { count: 1 });
  expect(world.inventory.get('games/arena-0')).toBeUndefined();
});

test('who does not lead answers nothing, be it known already, nor who stops leading on the way', async () => {
  const world = new PodWorld(aServer(0).annotation(`${COUNTER_PREFIX}players`, '1'));
  const put = world.counters.put(self(world), 'players', { count: 2 });
  world.leads = false;
  const noLeader = { code: 'PROFFER_ALLOCATION_NO_LEADER' };
  await expect(put).rejects.toMatchObject(noLeader);
  await expect(world.counters.put(self(world), 'players', { count: 1 })).rejects.toMatchObject(noLeader);
  expect(told(world)).toEqual({ players: '1' });
});
