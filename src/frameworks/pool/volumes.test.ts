import { describe, expect, test } from 'vitest';
import { ago, aNode, aPod, aPool, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { poolFacts } from './facts.ts';
import { poolStatus } from './status.ts';

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const template = { metadata: { name: 'world' }, spec };
const arena = aPool('arena').replicas(3).field('volumeClaimTemplates', [template]);
const server = (slot: number, name = `arena-${slot}`) => aPod(name).ofPool(arena, slot).on('n1');

const read = (...pods: Buildable[]) =>
  aSnapshot()
    .with(aNode('n1'), aNode('n2').cordoned(), arena, ...pods)
    .build().frameworks[0]!;
const pending = (...pods: Buildable[]) =>
  read(...pods).classes.flatMap((each) => Array.from(each.pending, ({ name }) => name));

const failed = { terminated: { exitCode: 1, finishedAt: ago(60) } };

describe('a slot with volumes of its own', () => {
  test.each<[what: string, pod: Buildable]>([
    ['is being deleted', server(0).deleting()],
    ['lost a helper', server(0).starting().helper('log', failed)],
  ])('waits for the last server to be gone: one that %s', (_, pod) => {
    expect(pending(pod, server(1).ready(), server(2).ready())).toEqual([]);
    expect(pending(pod, server(2).ready())).toEqual(['arena-1']);
    expect(pending(server(1).ready(), server(2).ready())).toEqual(['arena-0']);
  });

  test('is filled again as soon as a server of it has ended, and counts its failures', () => {
    const ended = server(1).exited(1, 0, 60);
    expect(pending(server(0).ready(), ended, server(2).ready())).toEqual(['arena-1-r1']);
  });

  test('waits for one on a node that is lost, which is told to go', () => {
    const there = [server(0).ready(), server(1).ready(), server(2).on('n3').ready()];
    const framework = aSnapshot()
      .with(aNode('n1'), aNode('n3'), arena, ...there)
      .health('n3', { unfitMs: 60_000 })
      .build().frameworks[0]!;
    expect(framework.removals.map(({ pod, reason }) => [pod.name, reason])).toEqual([
      ['arena-2', 'Replaced'],
    ]);
    expect(framework.classes.flatMap((each) => [...each.pending])).toEqual([]);
  });

  test('is the lowest that nobody has', () => {
    expect(pending(server(1).ready(), server(5).ready())).toEqual(['arena-0']);
  });
});

test('an update of servers with volumes has no surge, and keeps to their slots', () => {
  expect(poolFacts(arena.build()).spec.update).toMatchObject({ maxSurge: 0, maxUnavailable: '25%' });
  expect(poolFacts(aPool('other').build()).spec.update.maxSurge).toBe('25%');
  const old = [0, 1, 2].map((slot) => server(slot).revision('old').ready());
  const first = read(...old);
  expect(first.classes.flatMap((each) => [...each.pending])).toEqual([]);
  expect(first.removals.map(({ pod, reason }) => [pod.name, reason])).toEqual([['arena-2', 'Outdated']]);
  expect(pending(old[0]!, old[1]!, server(2).revision('old').deleting())).toEqual([]);
  expect(pending(old[0]!, old[1]!)).toEqual(['arena-2']);
});

test('nobody is waited for in a slot that the pool does not fill', () => {
  const pods = [server(0).ready(), server(1).ready(), server(2).starting(), server(5).deleting()];
  const { all } = cycle(aSnapshot().with(aNode('n1'), arena, ...pods));
  expect(poolStatus(poolFacts(arena.build()), all[0]!, 0, NOW).message).toBe(
    '2 of 3 servers ready, 1 starting',
  );
});

test('the pool says whom a slot waits for', () => {
  const going = server(2).deleting();
  const { all } = cycle(aSnapshot().with(aNode('n1'), arena, server(0).ready(), server(1).ready(), going));
  const { message, conditions } = poolStatus(poolFacts(arena.build()), all[0]!, 0, NOW);
  expect(message).toBe(
    '2 of 3 servers ready, 1 waiting until the last server of the slot is gone, whose volumes it gets (arena-2)',
  );
  expect(told(conditions)).toContain('Ready=False WaitingForVolumes');
});
