import { expect, test } from 'vitest';
import { aPod, aPool } from '../../../../test/builders/index.ts';
import { SESSION_PREFIX } from '../../../api/group.ts';
import { createPodReader } from '../../../snapshot/task.ts';
import type { TaskPod } from '../../../snapshot/slots.ts';
import { poolFacts } from '../facts.ts';
import { bufferWish } from './buffer.ts';
import { serversOf, templateCounters } from './pool.ts';

test('what servers take and have of sessions is a counter, so that places are kept free by its policy', () => {
  const builder = aPool('arena').replicas(4).field('sessions', { perServer: 8 });
  const pool = poolFacts(builder.build());
  const server = (slot: number) => aPod(`arena-${slot}`).ofPool(builder, slot).on('n1').ready();
  const session = (id: string) => [`${SESSION_PREFIX}${id}`, '{"state":"Allocated"}'] as const;
  const live = [
    // What it counted when fewer were allowed counts no more.
    server(0)
      .session('Allocated')
      .annotation(...session('a'))
      .annotation(...session('b'))
      .annotation('proffer.dev/counter.sessions', '2/2'),
    // Somebody took the label off: the server is free.
    server(1).annotation(...session('c')),
    // This one says itself how many it takes.
    server(2).annotation('proffer.dev/counter.session-capacity', '12'),
  ].map((pod) => createPodReader()(pod.build()) as TaskPod);
  const counts = serversOf(pool, live, () => false).map(({ counters }) => counters['sessions']?.count);
  expect(new Set(counts)).toEqual(new Set([0, 2, undefined]));
  const capacities = serversOf(pool, live, () => false).map(
    ({ counters }) => counters['sessions']?.capacity ?? 0,
  );
  expect(capacities.toSorted((a, b) => a - b)).toEqual([0, 8, 8, 12]);
  expect(templateCounters(pool)).toEqual({ sessions: { count: 0, capacity: 8 } });
  expect(templateCounters(poolFacts(aPool('arena').build()))).toEqual({});
});

test('a server on a cordoned node is no free one, since nobody is sent there; one that players hold is held as before', () => {
  const builder = aPool('arena').replicas(3);
  const read = (slot: number) => aPod(`arena-${slot}`).ofPool(builder, slot).on(`n${slot}`).ready();
  const live = [read(0), read(1), read(2).session('Allocated')].map(
    (pod) => createPodReader()(pod.build()) as TaskPod,
  );
  const servers = serversOf(poolFacts(builder.build()), live, (node) => node !== 'n0');
  expect(servers.filter(({ withheld }) => withheld)).toHaveLength(1);
  expect(bufferWish({ servers: 2 }, servers)).toMatchObject({
    replicas: 4,
    because: '1 held, 1 to which nobody is sent and 2 free',
  });
});
