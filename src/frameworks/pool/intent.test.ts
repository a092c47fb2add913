import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW, type PodBuilder } from '../../../test/builders/index.ts';
import { isProtected } from '../../recovery/rules.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { poolFacts } from './facts.ts';
import { mayGo } from './deletion-order.ts';
import { foundOf } from './found.ts';
import { poolNews } from './news.ts';
import { poolStatus } from './status.ts';

const arena = (replicas: number) => aPool('arena').replicas(replicas);
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena(1), slot).on('n1');
const meant = (slot: number, intent: string) => server(slot).ready().label('proffer.dev/intent', intent);

function run(replicas: number, ...pods: PodBuilder[]) {
  const pool = arena(replicas);
  const { all, allocation } = cycle(aSnapshot().with(pool, aNode('n1'), ...pods));
  const { framework } = all[0]!;
  const status = poolStatus(poolFacts(pool.build()), all[0]!, 0, NOW);
  return {
    status,
    made: allocation.launches.map(({ vacancy }) => [vacancy.name, vacancy.after]),
    removals: framework.removals.map(({ pod, reason, signal }) => [pod.name, reason, signal]),
    news: poolNews({}, status, foundOf(framework)).map(({ note }) => note),
  };
}

describe('a server that is to', () => {
  test('drain goes when nobody holds it, and another one fills its slot, which recovers nothing', () => {
    const { made, removals } = run(2, server(0).ready(), meant(1, 'Drain'));
    expect(removals).toEqual([['arena-1', 'Drained', undefined]]);
    expect(made).toEqual([['arena-1-r1', undefined]]);
  });

  test('drain stays while players hold it', () => {
    const { made, removals, status } = run(1, meant(0, 'Drain').session('Allocated'));
    expect([made, removals]).toEqual([[], []]);
    expect(status).toMatchObject({ readyReplicas: 1, allocatedReplicas: 1, freeReplicas: 0 });
  });

  test('drain is not missed when the pool shrinks: it goes first', () => {
    expect(run(1, server(0).ready(), meant(1, 'Drain')).removals).toEqual([
      ['arena-1', 'Drained', undefined],
    ]);
    expect(run(1, server(0).ready(), meant(1, 'Drain')).made).toEqual([]);
  });

  test('be killed goes whoever holds it', () => {
    const { made, removals } = run(1, meant(0, 'Kill').session('Allocated'));
    expect(removals).toEqual([['arena-0', 'Killed', undefined]]);
    expect(made).toEqual([['arena-0-r1', undefined]]);
  });

  test('be what nobody knows is left alone', () => {
    const { made, removals } = run(1, meant(0, 'kill'));
    expect([made, removals]).toEqual([[], []]);
  });
});

describe('a server in maintenance', () => {
  test('is kept, and not counted as ready', () => {
    const { status, made, removals } = run(2, server(0).ready(), meant(1, 'Maintenance'));
    expect([made, removals]).toEqual([[], []]);
    expect(status).toMatchObject({
      replicas: 2,
      readyReplicas: 1,
      freeReplicas: 1,
      message: '1 of 2 servers ready, 1 in maintenance',
    });
    expect(told(status.conditions)).toContain('Ready=False InMaintenance');
  });

  test('does not hide that another one still starts', () => {
    const { status } = run(2, server(0).starting(), meant(1, 'Maintenance'));
    expect(status.message).toBe('0 of 2 servers ready, 1 starting, 1 in maintenance');
    expect(told(status.conditions)).toContain('Ready=False Starting');
  });

  test('stays when the pool shrinks', () => {
    const { removals } = run(0, server(0).ready(), meant(1, 'Maintenance'));
    expect(removals).toEqual([['arena-0', 'ScaledDown', undefined]]);
  });
});

test('people hear of servers that are kept although they are not well, once', () => {
  const silent = server(0).session('Allocated').ready().condition('proffer.dev/Answers', 'False');
  const { status, news } = run(1, silent);
  expect(news).toEqual(['not well, and kept: arena-0 (NoAnswer)']);
  const found = {
    unhealthy: ['arena-0 (NoAnswer)'],
    sums: {},
    maintained: 0,
    crashes: undefined,
    failures: undefined,
    unchangeable: undefined,
    awaited: [],
  };
  expect(status.unhealthyReplicas).toBe(1);
  expect(poolNews(status, status, found)).toEqual([]);
});

test('whatever is written on servers, one that players hold is deleted by nothing but Kill', () => {
  const word = <T>(...words: readonly T[]) => fc.constantFrom(...words);
  const servers = fc.array(
    fc.record({
      state: word('', 'Allocated', 'Reserved', 'allocated', 'x'),
      intent: word('', 'Maintenance', 'Drain', 'Kill', 'drain'),
      priority: word('', '5', '-5', '1000000', 'x'),
      node: word('n1', 'n2', 'lost', 'leaving'),
      life: word('ready', 'starting', 'silent'),
      revision: word('before', 'now'),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(servers, fc.nat(12), fc.boolean(), (all, replicas, spread) => {
      const pool = spread ? arena(replicas).distributed() : arena(replicas);
      const pods = all.map(({ state, intent, priority, node, life, revision }, slot) => {
        const pod = aPod(`arena-${slot}`).ofPool(pool, slot).on(node).revision(revision);
        if (state !== '') pod.label('proffer.dev/state', state);
        if (intent !== '') pod.label('proffer.dev/intent', intent);
        if (priority !== '') pod.annotation('proffer.dev/deletion-priority', priority);
        if (life === 'silent') pod.condition('proffer.dev/Answers', 'False');
        return life === 'starting' ? pod.starting() : pod.ready();
      });
      const nodes = ['n1', 'n2', 'lost', 'leaving'].map((name) => aNode(name));
      const { removals, live } = aSnapshot()
        .with(pool, ...nodes, ...pods)
        .health('lost', { unfitMs: 60_000 })
        .health('leaving', { deleting: true })
        .build().frameworks[0]!;
      for (const { pod, reason } of removals) {
        expect(reason === 'Killed').toBe(pod.task!.intent === 'Kill' && reason !== 'Replaced');
        if (isProtected(pod.task!.session)) expect(pod.task!.intent).toBe('Kill');
      }
      if (live.length > replicas) expect(live.filter(({ task }) => mayGo(task!))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
