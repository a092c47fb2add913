import { describe, expect, test } from 'vitest';
import { ago, aNode, aPod, aPool, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import { buildSnapshot } from '../../world/world.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { DRIVERS } from '../drivers.ts';
import { poolFacts } from './facts.ts';

const arena = aPool('arena').replicas(3);
const three = aPool('arena').replicas(3);
const server = (slot: number, name = `arena-${slot}`) => aPod(name).ofPool(arena, slot).on('n1');
const cluster = (...objects: Buildable[]) => aSnapshot().with(aNode('n1'), aNode('n2'), ...objects);
const read = (...objects: Buildable[]): Framework => cluster(...objects).build().frameworks[0]!;
const pending = (f: Framework) =>
  Array.from(f.classes[0]!.pending, ({ name, failures, after }) => [name, failures, after]);
const removals = (f: Framework) => f.removals.map(({ pod, reason, signal }) => [pod.name, reason, signal]);
const live = (f: Framework) => f.live.map((pod) => pod.name);

const { revision } = poolFacts(aPool('arena').build()).groups[0]!.shape;
/** A pool of one whose status holds so many failures of its slot. */
const told = (count: number) =>
  aPool('arena').status({ updateRevision: revision, failures: { 0: { count, signal: 'Crashed' } } });

describe('slots of a pool', () => {
  test('a new pool lacks all its servers', () => {
    const pool = read(three);
    expect(pending(pool)).toEqual([
      ['arena-0', 0, undefined],
      ['arena-1', 0, undefined],
      ['arena-2', 0, undefined],
    ]);
    expect(pool).toMatchObject({
      id: 'gsp/games/arena',
      role: 'games',
      gang: false,
      ready: 0,
      wakeAt: Infinity,
    });
  });

  test('servers that run fill their slots; the lowest numbers that are free come next', () => {
    const pool = read(three, server(1).ready(), server(7).starting());
    expect(pending(pool)).toEqual([['arena-0', 0, undefined]]);
    expect([live(pool), pool.ready]).toEqual([['arena-1', 'arena-7'], 1]);
  });

  test('a name that any Pod of the namespace holds is not taken twice', () => {
    const stranger = aPod('arena-0').namespace('games');
    const other = aPod('arena-0-r1').namespace('games');
    const elsewhere = aPod('arena-1').namespace('default');
    expect(pending(read(three, stranger, other, elsewhere)).map(([name]) => name)).toEqual([
      'arena-0-r2',
      'arena-1',
      'arena-2',
    ]);
  });
});

describe('a server that ended', () => {
  test.each<[what: string, pod: Buildable, name: string, failures: number, after: string]>([
    ['cleanly after a session is recreated at once', server(0).exited(0, 1, 600), 'arena-0-r1', 0, 'Exited'],
    ['by its first crash is recreated at once', server(0).exited(1, 0, 60), 'arena-0-r1', 1, 'Crashed'],
    [
      'by its third crash is recreated when two seconds are over',
      server(0).failures(2).exited(1, 2, 60),
      'arena-0-r1',
      3,
      'Crashed',
    ],
    ['at once, if cleanly, has failed', server(0).exited(0, 0, 4), 'arena-0-r1', 1, 'Exited'],
    [
      'after ten minutes has its count forgotten',
      server(0).failures(8).exited(1, 0, 600),
      'arena-0-r1',
      1,
      'Crashed',
    ],
    [
      'by a rejection is recreated without penalty',
      server(0).failures(4).failed('OutOfcpu'),
      'arena-0-r1',
      4,
      'Rejected',
    ],
    ['by an eviction too', server(0).failures(4).failed('Evicted'), 'arena-0-r1', 4, 'Evicted'],
    ['by its deletion too', server(0).failures(4).ready().deleting(), 'arena-0-r1', 4, 'Deleting'],
    ['with its node too', server(0).failures(4).on('gone').ready(), 'arena-0-r1', 4, 'NodeGone'],
  ])('%s', (_, pod, name, failures, after) => {
    const pool = read(aPool('arena'), pod);
    expect(pending(pool)).toEqual([[name, failures, after]]);
    expect([pool.live, pool.removals, pool.backingOff]).toEqual([[], [], 0]);
  });

  test('by our own order is filled again, when it is wanted after all, and that recovers nothing', () => {
    const inputs = cluster(aPool('arena'), server(0).failures(4).ready().deleting()).inputs();
    const pods = [...inputs.pods].map((pod) => ({ ...pod, dismissed: true }));
    const [pool] = buildSnapshot({ ...inputs, pods }, DRIVERS).frameworks;
    expect(pending(pool!)).toEqual([['arena-0-r1', 4, undefined]]);
  });

  test('after it was ready for a minute is recreated at once, however often the ones before it failed', () => {
    const pod = server(0).created(20).failures(6).exited(139, 5, 65);
    expect(pending(read(aPool('arena'), pod))).toEqual([['arena-0-r1', 1, 'Crashed']]);
    const never = server(0).created(71).failures(6).exited(139, 5, 65);
    expect(read(aPool('arena'), never)).toMatchObject({ backingOff: 1 });
  });

  test('backs off, keeps its slot meanwhile, and says when it is due', () => {
    const pool = read(aPool('arena').replicas(2), server(0).failures(2).exited(1, 1, 60));
    expect(pending(pool)).toEqual([['arena-1', 0, undefined]]);
    expect([pool.backingOff, pool.wakeAt, pool.removals]).toEqual([1, NOW + 1000, []]);
  });

  test('by a rejection is asked for again once a second, so that a stubborn kubelet makes no storm', () => {
    const pool = read(aPool('arena'), server(0).created(0).failed('OutOfcpu'));
    expect(pool).toMatchObject({ backingOff: 1, wakeAt: NOW + 1000 });
  });

  test('waits for nothing when its template has changed since: the next one runs what was mended', () => {
    const old = server(0).failures(6).label('proffer.dev/revision', 'before').exited(1, 1, 60);
    expect(pending(read(aPool('arena'), old))).toEqual([['arena-0-r1', 0, 'Crashed']]);
  });

  test('by a rejection waits that second with a changed template, too', () => {
    const old = server(0).label('proffer.dev/revision', 'before').created(0).failed('OutOfcpu');
    expect(read(aPool('arena'), old)).toMatchObject({ backingOff: 1, wakeAt: NOW + 1000 });
  });

  test('backs off for the longest time that its pool allows', () => {
    const patient = aPool('arena').recovery({ maxBackoffSeconds: 5 });
    const pod = server(0).failures(20).exited(1, 0, 60);
    expect(read(patient, pod).wakeAt).toBe(NOW + 5000);
  });

  test('backs off from its creation when the kubelet does not know its end', () => {
    const raw = server(0).failures(2).created(1).exited(137);
    const built = raw.build();
    const state = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } };
    raw.build = () => ({
      ...built,
      status: { phase: 'Failed', containerStatuses: [{ name: 'main', state }] },
    });
    expect(read(aPool('arena'), raw)).toMatchObject({ backingOff: 1, wakeAt: NOW + 1000 });
  });

  test('stays until its slot is filled, then is cleared away', () => {
    const dead = server(0).failures(1).exited(1, 30, 60);
    expect(removals(read(aPool('arena'), dead))).toEqual([]);
    const next = server(0, 'arena-0-r1').failures(2).starting();
    const pool = read(aPool('arena'), dead, next);
    expect([removals(pool), pending(pool)]).toEqual([[['arena-0', 'Replaced', 'Crashed']], []]);
  });

  test('counts on from the last of its slot, also when both fell within a second', () => {
    const first = server(0).created(60).failures(4).exited(1, 9, 1);
    const last = server(0, 'arena-0-r1').created(60).failures(5).exited(1, 9, 1);
    for (const pods of [
      [first, last],
      [last, first],
    ]) {
      expect(read(told(6), ...pods)).toMatchObject({ backingOff: 1, wakeAt: NOW + 7000 });
    }
  });

  test('is cleared away when nobody waits for its slot any more, at the end of its back-off', () => {
    const dead = server(1).failures(2).exited(1, 1, 60);
    const small = read(aPool('arena'), server(0).ready(), dead);
    expect([removals(small), small.backingOff, small.wakeAt]).toEqual([[], 0, NOW + 1000]);
    const later = cluster(aPool('arena'), server(0).ready(), dead).later(1).build().frameworks[0]!;
    expect(removals(later)).toEqual([['arena-1', 'Replaced', 'Crashed']]);
  });
});

describe('a server whose helper failed', () => {
  const failed = (secondsAgo: number) => ({ terminated: { exitCode: 1, finishedAt: ago(secondsAgo) } });
  const lame = (secondsAgo: number) => server(0).starting().helper('log', failed(secondsAgo));

  test('has two seconds in which its main container may end as well, and is then recreated and cleared away', () => {
    expect(read(aPool('arena'), lame(1))).toMatchObject({ backingOff: 1, wakeAt: NOW + 1000, removals: [] });
    const pool = read(aPool('arena'), lame(2));
    expect(pending(pool)).toEqual([['arena-0-r1', 1, 'HelperCrashed']]);
    expect(removals(read(told(1), lame(2))), 'it holds room that the next one may need').toEqual([
      ['arena-0', 'Replaced', 'HelperCrashed'],
    ]);
  });

  test('backs off while it keeps failing', () => {
    const pool = read(aPool('arena'), lame(3).failures(3));
    expect(pool).toMatchObject({ backingOff: 1, wakeAt: NOW + 1000 });
    expect(pool.failed).toBe(
      'arena-0 lost a helper container (container log: exit 1) on n1; next try at 2026-01-01T12:00:01Z',
    );
  });

  test('carries its failure while it is cleared away by us, and not when others delete it', () => {
    const withOrder = (dismissed?: false) => {
      const inputs = cluster(aPool('arena'), lame(9).failures(1).deleting()).inputs();
      const pods = [...inputs.pods].map((pod) => ({ ...pod, ...(dismissed === false && { dismissed }) }));
      return buildSnapshot({ ...inputs, pods }, DRIVERS).frameworks[0]!;
    };
    expect(pending(withOrder(false))).toEqual([['arena-0-r1', 2, 'HelperCrashed']]);
    expect(pending(withOrder())).toEqual([['arena-0-r1', 1, 'Deleting']]);
  });

  test('stays while players hold it, and says what is wrong with it', () => {
    const pool = read(aPool('arena'), lame(9).session('Allocated'));
    expect([pending(pool), live(pool), pool.ready]).toEqual([[], ['arena-0'], 0]);
    expect(pool.stuck).toBe('arena-0: container log ended (exit 1)');
  });
});

describe('a node that is lost', () => {
  const lost = (pool: Buildable, ...pods: Buildable[]) =>
    cluster(pool, ...pods)
      .health('n1', { unfitMs: 12_000, cause: 'no heartbeat' })
      .build().frameworks[0]!;

  test('has its servers recreated elsewhere, and deleted when they are', () => {
    const old = server(0).ready();
    expect(pending(lost(aPool('arena'), old))).toEqual([['arena-0-r1', 0, 'NodeLost']]);
    const pool = lost(aPool('arena'), old, server(0, 'arena-0-r1').on('n2').starting());
    expect([removals(pool), live(pool)]).toEqual([[['arena-0', 'Replaced', 'NodeLost']], ['arena-0-r1']]);
  });

  test('keeps the servers that players hold', () => {
    const pool = lost(aPool('arena'), server(0).session('Allocated').ready());
    expect([pending(pool), removals(pool), live(pool)]).toEqual([[], [], ['arena-0']]);
  });

  test('is lost when the pool says so', () => {
    const patient = aPool('arena').recovery({ nodeLossSeconds: 13 });
    expect(pending(lost(patient, server(0).ready()))).toEqual([]);
  });

  test('is not lost while it is merely being deleted, for those who play on it', () => {
    const pods = [server(0).session('Reserved').ready(), server(1).ready()];
    const pool = cluster(aPool('arena').replicas(2), ...pods)
      .health('n1', { deleting: true })
      .build().frameworks[0]!;
    expect(pending(pool)).toEqual([['arena-1-r1', 0, 'NodeLeaving']]);
    expect(live(pool)).toEqual(['arena-0']);
  });
});

describe('a pool that shrinks', () => {
  test('lets go those who are not ready, then the lonely, then the young', () => {
    const pods = [
      server(0).created(500).ready(),
      server(1).created(100).ready(),
      server(2).created(50).ready().on('n2'),
      server(3).created(900).starting(),
    ];
    const order = [3, 2, 1, 0].map((replicas) =>
      removals(read(aPool('arena').replicas(replicas), ...pods)).map(([n]) => n),
    );
    expect(order).toEqual([
      ['arena-3'],
      ['arena-3', 'arena-2'],
      ['arena-3', 'arena-2', 'arena-1'],
      ['arena-3', 'arena-2', 'arena-1', 'arena-0'],
    ]);
  });

  test('never lets go a server that players hold', () => {
    const pods = [
      server(0).session('Allocated').starting(),
      server(1).session('Reserved'),
      server(2).ready(),
    ];
    const pool = read(aPool('arena').replicas(0), ...pods);
    expect([removals(pool), live(pool)]).toEqual([
      [['arena-2', 'ScaledDown', undefined]],
      ['arena-0', 'arena-1'],
    ]);
    expect(pending(pool)).toEqual([]);
  });

  test('does not count those that are going already', () => {
    const pool = read(aPool('arena').replicas(1), server(0).ready(), server(1).ready().deleting());
    expect([removals(pool), pending(pool)]).toEqual([[], []]);
  });
});

describe('a pool whose template changed', () => {
  const old = (slot: number) => server(slot).revision('before').ready();
  const four = aPool('arena').replicas(4);

  test('gets servers beside the old ones, of which some go', () => {
    const pool = read(four, old(0), old(1), old(2), old(3));
    expect(pending(pool)).toEqual([['arena-4', 0, undefined]]);
    expect([removals(pool), pool.ready]).toEqual([[['arena-3', 'Outdated', undefined]], 3]);
  });

  test('gives the slot of a server that goes to nobody before it is gone', () => {
    const pool = read(four.field('update', { maxSurge: 4, maxUnavailable: 4 }), old(0), old(1));
    expect(pending(pool).map(([name]) => name)).toEqual(['arena-2', 'arena-3', 'arena-4', 'arena-5']);
    expect(removals(pool)).toHaveLength(2);
  });

  test('by Recreate makes none while old ones end, but for those that players hold', () => {
    const recreate = aPool('arena').replicas(2).field('update', { strategy: 'Recreate' });
    expect(pending(read(recreate, old(0).deleting()))).toEqual([]);
    const played = old(0).session('Allocated');
    expect(pending(read(recreate, played.deleting()))).toHaveLength(2);
  });

  test('and cannot be honoured keeps all its servers', () => {
    const odd = aPool('arena')
      .replicas(4)
      .specField('resourceClaims', [{ name: 'gpu' }]);
    expect(removals(read(odd, old(0), old(1), old(2), old(3)))).toEqual([]);
    const classless = aPool('arena').replicas(4).specField('priorityClassName', 'none');
    expect(removals(read(classless, old(0), old(1), old(2), old(3)))).toEqual([]);
  });
});

test('a pool with a field that is not honoured is held, and so is one that the API server refuses', () => {
  const refusal = { reason: 'PodRefused', message: 'quota' } as const;
  const odd = aPool('arena').specField('resourceClaims', [{ name: 'gpu' }]);
  const hold = (pool: Buildable) =>
    cluster(pool).hold('gsp/games/arena', refusal).build().frameworks[0]!.hold;
  expect(hold(aPool('arena'))).toEqual(refusal);
  expect(hold(odd)).toEqual({
    reason: 'UnsupportedField',
    message: 'not supported, remove it: template.spec.resourceClaims',
  });
});

describe('a server that its runtime lost', () => {
  const made = (boot: string) => server(0).failures(2).annotation('proffer.dev/boot-id', boot);
  const on = (boot: string | undefined, pod: Buildable) => {
    const node = boot === undefined ? aNode('n1') : aNode('n1').boot(boot);
    return aSnapshot().with(node, aNode('n2'), aPool('arena'), pod).build().frameworks[0]!;
  };

  test('in a reboot of its node is recreated at once, and that is no failure of it', () => {
    const pool = on('second', made('first').lost(0));
    expect(pending(pool)).toEqual([['arena-0-r1', 2, 'Rebooted']]);
    expect(pool.classes[0]!.avoids.size).toBe(0);
  });

  test('while its node tells of no reboot is waited for: news of that may come later', () => {
    const pool = on('first', made('first').lost(4));
    expect([pool.live.length, pending(pool), pool.wakeAt]).toEqual([1, [], NOW + 1000]);
  });

  test.each([
    ['without a reboot', on('first', made('first').lost(5))],
    ['on a node that names no boot', on(undefined, made('first').lost(5))],
    ['that was made before boots were written down', on('second', server(0).failures(2).lost(5))],
  ])('%s has crashed', (_, pool) => {
    expect(pending(pool)).toEqual([['arena-0-r1', 3, 'Crashed']]);
  });

  test('ended with a code of its own before the reboot: it has crashed', () => {
    expect(pending(on('second', made('first').exited(255, 5)))).toEqual([['arena-0-r1', 3, 'Crashed']]);
  });
});
