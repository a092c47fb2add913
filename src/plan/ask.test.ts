import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aSnapshot,
  NOW,
  type Buildable,
} from '../../test/builders/index.ts';
import { admissionOf } from '../snapshot/admission.ts';
import type { Admitted } from '../snapshot/admitted.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { cycle } from './cycle.test-helper.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { makePlan } from './plan.ts';

const pool = aPool('arena').replicas(2).cpu('1').port('game', 7777);
const node = aNode('n1').cpu('4').pods(20);
const world = (...objects: Buildable[]) => aSnapshot().with(...objects);
type World = ReturnType<typeof world>;

const run = (builder: World) => {
  const { snapshot, allocation, all } = cycle(builder);
  const commands = atOnce(makePlan(snapshot, allocation, DRIVERS));
  return { all, commands, wakeAt: snapshot.frameworks[0]!.wakeAt };
};
const kinds = (builder: World) => run(builder).commands.map(({ kind }) => kind);

/** Asks about a pool or job and answers for its first class. */
function answered(builder: () => World, make: (sent: Pod) => Pod, fields: Partial<Admitted> = {}) {
  const asks = run(builder().admitted()).commands.filter((c) => c.kind === 'ask');
  return asks.map(({ admissionKey, pod }): [string, Admitted] => [
    admissionKey,
    {
      admission: admissionOf(pod, make(pod)),
      since: NOW,
      at: NOW,
      askedAt: undefined,
      mute: false,
      ...fields,
    },
  ]);
}
const same = (sent: Pod) => sent;
const heavy = (sent: Pod): Pod => {
  const sidecar = { name: 'proxy', resources: { requests: { cpu: '2' } } };
  return { ...sent, spec: { ...sent.spec, containers: [...sent.spec.containers, sidecar] } };
};
const barred = (sent: Pod): Pod => ({ ...sent, spec: { ...sent.spec, resourceClaims: [{}] } as never });

const arena = () => world(node, pool);

describe('a pool of which nobody knows what its Pods become', () => {
  test('is asked about with a Pod as it would be made, and nothing is made', () => {
    const { commands } = run(arena().admitted());
    expect(commands).toMatchObject([
      {
        kind: 'ask',
        pod: {
          metadata: { name: 'arena-0' },
          spec: { nodeName: 'n1', containers: [{ ports: [{ hostPort: 7000 }] }] },
        },
      },
    ]);
  });

  test('is not asked about again while there is no answer', () => {
    const asked = answered(arena, same).map(([key]): [string, Admitted] => [
      key,
      { admission: undefined, since: 0, at: 0, askedAt: 0, mute: false },
    ]);
    expect(kinds(arena().admitted(...asked))).toEqual([]);
  });

  test('is tried when the API server cannot be asked', () => {
    const mute = answered(arena, same, { admission: undefined, mute: true });
    expect(kinds(arena().admitted(...mute))).toEqual(['create', 'create']);
  });

  test('evicts nobody', () => {
    const revocable = aJob('learn').field('revocable', true).group(aGroup('w').replicas(1).cpu('4'));
    const worker = aPod('learn-w-0').ofJob(revocable, 'w', 0).on('n1').cpu('4').ready();
    const full = () => world(node, pool, revocable, worker);
    expect(kinds(full()), 'without the question it would').toContain('evict');
    expect(kinds(full().admitted())).toEqual(['ask']);
  });

  test('without nodes waits for nodes', () => {
    const { commands, all } = run(world(pool).admitted());
    expect(commands).toEqual([]);
    expect(all[0]!.held!.message).toBe('there are no nodes');
  });

  test('that lacks nothing is not asked about', () => {
    const servers = [0, 1].map((slot) => aPod(`arena-${slot}`).ofPool(pool, slot).on('n1').cpu('1').ready());
    expect(kinds(world(node, pool, ...servers).admitted())).toEqual([]);
  });
});

describe('a pool of which it is known', () => {
  test('is placed by it: two servers of 3 cpu do not fit on 4', () => {
    const { commands, all } = run(arena().admitted(...answered(arena, heavy)));
    expect(commands).toMatchObject([{ kind: 'create', counted: { requests: { cpu: 3000 } } }]);
    expect(all[0]!.held!.message).toContain('needs 3 cpu');
    const { commands: plain } = run(arena().admitted(...answered(arena, same)));
    expect(plain).toMatchObject([
      { kind: 'create', counted: undefined },
      { kind: 'create', counted: undefined },
    ]);
  });

  test('and that waits is asked about again after 30 s if admission changed its Pods', () => {
    const full = () => world(aNode('n1').cpu('2').pods(20), pool);
    const known = answered(full, heavy);
    expect(run(full().admitted(...known))).toMatchObject({ commands: [], wakeAt: NOW + 30_000 });
    expect(
      kinds(
        full()
          .later(30)
          .admitted(...known),
      ),
    ).toEqual(['ask']);
    const unchanged = answered(arena, same);
    expect(
      kinds(
        world(aNode('n1').cpu('500m').pods(20), pool)
          .later(30)
          .admitted(...unchanged),
      ),
    ).toEqual([]);
  });

  test('whose Pods get what is not honoured says so, and is asked about again', () => {
    const known = answered(arena, barred);
    const { commands, all } = run(arena().admitted(...known));
    expect(commands).toEqual([]);
    expect(all[0]!.held).toEqual({
      reason: 'UnsupportedField',
      message: 'not supported, remove it: spec.resourceClaims (by admission)',
    });
    expect(
      kinds(
        arena()
          .later(30)
          .admitted(...known),
      ),
    ).toEqual(['ask']);
  });
});

describe('two pools of which the API server is asked together', () => {
  const both = (seconds = 0) => world(node, pool, aPool('other').replicas(9).cpu('1')).later(seconds);
  const [first, second] = answered(both, same);
  const open: [string, Admitted] = [second![0], { ...second![1], admission: undefined, askedAt: NOW }];

  test('are served together: the first answer waits for the other one', () => {
    expect(run(both().admitted(first!, open))).toMatchObject({ commands: [], wakeAt: NOW + 250 });
    const { commands } = run(both().admitted(first!, second!));
    expect(new Set(commands.map(({ framework }) => framework.id)).size).toBe(2);
  });

  test('wait no longer than a moment, and never for what was asked later', () => {
    expect(kinds(both(1).admitted(first!, open))).toEqual(['create', 'create']);
    const earlier: [string, Admitted] = [first![0], { ...first![1], since: NOW - 1 }];
    expect(kinds(both().admitted(earlier, open))).toEqual(['create', 'create']);
  });

  test('do not wait for the time of a question when the clock went back', () => {
    expect(kinds(both(-60).admitted(first!, open))).toEqual(['create', 'create']);
  });
});

test('a gang is asked about group by group, and is placed when all are known', () => {
  const gang = () =>
    world(node, aJob('learn').group(aGroup('w').replicas(2).cpu('1'), aGroup('v').replicas(1).cpu('1')));
  expect(kinds(gang().admitted())).toEqual(['ask', 'ask']);
  const [first, second] = answered(gang, heavy);
  expect(kinds(gang().admitted(first!))).toEqual(['ask']);
  // Three workers of 3 cpu on 4: not one is made.
  const { commands, all } = run(gang().admitted(first!, second!));
  expect(commands).toEqual([]);
  expect(all[0]!.held!.reason).toBe('GangDoesNotFit');
});
