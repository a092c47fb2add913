import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  ago,
  NOW,
  type PodBuilder,
  type PoolBuilder,
} from '../../../test/builders/index.ts';
import { formatTime } from '../../lib/time.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { poolFacts } from './facts.ts';
import { foundOf } from './found.ts';
import { poolNews } from './news.ts';
import { poolStatus } from './status.ts';

const arena = (crashBudget: object | undefined = { limit: 2, windowSeconds: 60 }) =>
  aPool('arena').replicas(2).field('crashBudget', crashBudget);
const { revision } = poolFacts(arena().build()).groups[0]!.shape;
const server = (slot: number, name = `arena-${slot}`) =>
  aPod(name).ofPool(arena(), slot).on('n1').revision(revision);
const crashed = (slot: number, secondsAgo: number, name?: string) =>
  server(slot, name).exited(139, secondsAgo, 3600);
const entry = (uid: string, secondsAgo: number, of = revision) => ({
  uid,
  at: ago(secondsAgo),
  revision: of,
});
const uidOf = (name: string) => `uid-pod-games-${name}`;

function run(pool: PoolBuilder, pods: PodBuilder[], secondsLater = 0) {
  const facts = poolFacts(pool.build());
  const { all } = cycle(
    aSnapshot()
      .with(pool, aNode('n1'), ...pods)
      .later(secondsLater),
  );
  const { framework } = all[0]!;
  const status = poolStatus(facts, all[0]!, 0, NOW + secondsLater * 1000);
  return {
    status,
    hold: framework.hold?.reason,
    wakeAt: framework.wakeAt,
    launched: all[0]!.launched,
    removals: framework.removals.map(({ pod, reason }) => `${pod.name} ${reason}`),
    news: poolNews(facts.status, status, foundOf(framework)).map(({ reason, note }) => `${reason}: ${note}`),
  };
}

describe('a budget for crashes', () => {
  test('that is not spent only counts', () => {
    const { status, hold, launched } = run(arena(), [server(0).ready(), crashed(1, 5)]);
    expect({ hold, launched }).toEqual({ hold: undefined, launched: 1 });
    expect(status.crashes).toEqual([entry(uidOf('arena-1'), 5)]);
  });

  test('that is spent lets nothing be created until the first crash is out of its window, and says so', () => {
    const pods = [crashed(0, 20), crashed(1, 5)];
    const { status, hold, launched, wakeAt, news } = run(arena(), pods);
    expect({ hold, launched }).toEqual({ hold: 'CrashBudgetSpent', launched: 0 });
    expect(told(status.conditions)).toContain('Placed=False CrashBudgetSpent');
    expect(status.message).toBe(
      '2 of 2 servers waiting: the crash budget is spent: 2 servers crashed within 60 s, the last one: ' +
        `arena-1 crashed (exit 139, SIGSEGV) on n1; none is created until ${formatTime(NOW + 40_000)}`,
    );
    expect(news).toEqual([`CrashBudgetSpent: ${status.message}`]);
    // What is asked again until the status counts them comes before that.
    expect(wakeAt).toBe(NOW + 1000);
    const known = arena().status(status);
    expect(run(known, pods)).toMatchObject({ wakeAt: NOW + 40_000, news: [] });
    expect(run(known, pods, 39).launched).toBe(0);
    expect(run(known, pods, 40)).toMatchObject({ hold: undefined, launched: 2 });
  });

  test('is known to an operator that starts anew when the Pods are gone', () => {
    const status = { crashes: [entry('a', 20), entry('b', 5)] };
    expect(run(arena().status(status), [server(0).ready()])).toMatchObject({
      hold: 'CrashBudgetSpent',
      launched: 0,
      status,
    });
  });

  test('has a Pod cleared away only when the status counts its crash', () => {
    const pods = [server(0).ready(), crashed(1, 5), server(1, 'arena-1-r1').ready()];
    const first = run(arena(), pods);
    expect([first.removals, first.wakeAt]).toEqual([[], NOW + 1000]);
    const then = run(arena().status(first.status), pods);
    expect(then.removals).toEqual(['arena-1 Replaced']);
    expect(then.wakeAt).toBeGreaterThan(NOW + 1000);
    expect(run(arena(), pods, 56).removals, 'out of the window it need not').toEqual(['arena-1 Replaced']);
  });

  test('holds no more than its limit, the last ones; the others need not be counted', () => {
    const pods = [
      server(0).ready(),
      server(1).ready(),
      ...[9, 7, 5, 3].map((secondsAgo, i) => crashed(i, secondsAgo, `old-${i}`)),
    ];
    const { status } = run(arena(), pods);
    expect(status.crashes).toEqual([entry(uidOf('old-2'), 5), entry(uidOf('old-3'), 3)]);
    expect(run(arena().status(status), pods).removals).toHaveLength(4);
  });

  test('keeps cleaning while it is spent: it shrinks, and what is sent away goes', () => {
    const status = { crashes: [entry('a', 20), entry('b', 5)] };
    const pods = [
      server(0).ready(),
      server(1).ready().label('proffer.dev/intent', 'Drain'),
      server(2).ready(),
    ];
    expect(run(arena().replicas(1).status(status), pods).removals).toEqual([
      'arena-1 Drained',
      'arena-2 ScaledDown',
    ]);
  });

  test('is that of the template as it is now: a mended one is tried at once', () => {
    const status = { crashes: [entry('a', 20, 'before'), entry('b', 5, 'before')] };
    const old = crashed(0, 5).revision('before');
    expect(run(arena().status(status), [old])).toMatchObject({ hold: undefined, launched: 2 });
    expect(run(arena().status(status), [old]).status.crashes).toEqual([]);
  });

  test.each([
    ['a clean end', server(1).exited(0, 5, 3600)],
    ['an eviction by the node', server(1).failed('Evicted')],
    ['a deletion', server(1).ready().deleting()],
  ])('does not count %s', (_, pod) => {
    expect(run(arena(), [server(0).ready(), pod]).status.crashes).toEqual([]);
  });

  test('is not held for ever by a clock that was far ahead', () => {
    const status = { crashes: [entry('a', -3600), entry('b', -3600)] };
    expect(run(arena().status(status), [])).toMatchObject({ hold: undefined, launched: 2 });
  });

  test('is none where the spec has none', () => {
    const { status, launched } = run(aPool('arena').replicas(2), [crashed(0, 5), crashed(1, 5)]);
    expect(launched).toBe(2);
    expect(status).not.toHaveProperty('crashes');
  });
});
