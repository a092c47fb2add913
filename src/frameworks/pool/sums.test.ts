import { expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  NOW,
  type Buildable,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';
import { poolFacts } from './facts.ts';
import { poolStatus } from './status.ts';

const arena = aPool('arena').replicas(5);
const { revision } = poolFacts(arena.build()).groups[0]!.shape;
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n1').ready();
const playing = (slot: number, players: string) =>
  server(slot).annotation('proffer.dev/counter.players', players);
const statusOf = (...pods: PodBuilder[]) => {
  const all = cycle(aSnapshot().with(arena, aNode('n1'), ...pods)).all;
  return poolStatus(poolFacts(arena.build()), all[0]!, 0, NOW);
};

test('a pool tells how many servers are held, are of its template as it is now, and how many players they have', () => {
  const status = statusOf(
    playing(0, '12/16').session('Allocated').revision(revision),
    playing(1, '3').session('Reserved').revision('before'),
    playing(2, '0/8').revision(revision),
    server(3).label('proffer.dev/state', 'allocated'),
    playing(4, '7/8').session('Allocated').exited(0, 1, 600),
  );
  expect(status).toMatchObject({
    readyReplicas: 4,
    allocatedReplicas: 2,
    reservedReplicas: 1,
    updatedReplicas: 3,
    players: 15,
    playerCapacity: 24,
  });
});

test('of a pool whose servers tell of no players it says nothing of them', () => {
  const status = statusOf(server(0));
  expect(status).toMatchObject({ allocatedReplicas: 0, reservedReplicas: 0 });
  expect(status).not.toHaveProperty('players');
  expect(status).not.toHaveProperty('playerCapacity');
});

test('a server is free where players can be sent: not on a cordoned node', () => {
  const other = (slot: number) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n2').ready();
  const free = (node: Buildable) => {
    const builder = aSnapshot().with(arena, aNode('n1'), node, server(0), other(1));
    return poolStatus(poolFacts(arena.build()), cycle(builder).all[0]!, 0, NOW).freeReplicas;
  };
  expect([free(aNode('n2')), free(aNode('n2').cordoned())]).toEqual([2, 1]);
});

test('a server that is not well counts as such, as held, and not as one that somebody looks after', () => {
  const held = (slot: number, node: string) =>
    aPod(`arena-${slot}`).ofPool(arena, slot).on(node).session('Reserved').ready();
  const builder = (health: object) =>
    aSnapshot()
      .with(arena, aNode('n1'), aNode('n2'))
      .with(held(0, 'n1'), held(1, 'n2').label('proffer.dev/intent', 'Maintenance'))
      .health('n2', health);
  const status = (health: object) =>
    poolStatus(poolFacts(arena.build()), cycle(builder(health)).all[0]!, 0, NOW);
  const lost = status({ unfitMs: 60_000 });
  expect(lost).toMatchObject({ unhealthyReplicas: 1, reservedReplicas: 2 });
  expect(lost.message).toContain('1 on a lost node, kept for players');
  expect(lost.message).not.toContain('in maintenance');
  const well = status({});
  expect(well.message).toContain('1 in maintenance');
  expect(well).not.toHaveProperty('unhealthyReplicas');
});
