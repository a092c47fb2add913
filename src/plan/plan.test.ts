import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  aStorageClass,
  aVolume,
  type Buildable,
  type RawStorage,
} from '../../test/builders/index.ts';
import { REASON } from '../api/conditions.ts';
import { cycle } from './cycle.test-helper.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { makePlan } from './plan.ts';

function planFor(builder: ReturnType<typeof aSnapshot>) {
  const { snapshot, allocation } = cycle(builder);
  return atOnce(makePlan(snapshot, allocation, DRIVERS));
}
const plan = (...objects: Buildable[]) => planFor(aSnapshot().with(...objects));
const words = (...objects: Buildable[]) => inWords(plan(...objects));
const inWords = (commands: ReturnType<typeof plan>) =>
  commands.map((c) =>
    c.kind === 'create'
      ? `create ${c.pod.metadata.name} on ${c.pod.spec.nodeName}${c.after ? ` after ${c.after}` : ''}`
      : c.kind === 'claim'
        ? `claim ${c.name} for ${c.node}: ${c.volume?.name ?? 'made'}`
        : c.kind === 'delete'
          ? `delete ${c.name}: ${c.reason}${c.signal ? ` ${c.signal}` : ''}`
          : c.kind === 'makeClaim'
            ? `make claim ${c.claim.metadata.name}`
            : c.kind === 'ask'
              ? `ask for ${c.pod.metadata.name}`
              : `${c.kind} ${c.name}${c.kind === 'bind' ? ` to ${c.node}` : ''}`,
  );

const arena = aPool('arena').replicas(2);
const learn = aJob('learn').group(aGroup('w').replicas(3).cpu('1'));
const worker = (slot: number) => aPod(`learn-w-${slot}`).ofJob(learn, 'w', slot).on('n1').cpu('1');

describe('a plan', () => {
  test('creates first, then deletes', () => {
    const pods = [
      aPod('arena-0').ofPool(arena, 0).on('n1').failed('Evicted'),
      aPod('arena-1').ofPool(arena, 1).on('n1').created(90).exited(1),
      aPod('arena-1-r1').ofPool(arena, 1).on('n1').ready(),
    ];
    const other = aPool('small').replicas(0);
    const surplus = aPod('small-0').ofPool(other, 0).on('n1').ready();
    expect(words(aNode('n1'), arena, other, ...pods, surplus)).toEqual([
      'create arena-0-r1 on n1 after Evicted',
      'delete arena-1: Replaced Crashed',
      'delete small-0: ScaledDown',
    ]);
  });

  test('binds Pods of others that exist, by their uid', () => {
    const commands = plan(aNode('n1'), aPod('db-0').namespace('a').customer().ownedBy('StatefulSet', 'db'));
    expect(commands).toEqual([
      {
        kind: 'bind',
        framework: {
          id: 'statefulset.apps/a/db#uid-StatefulSet-db',
          kind: 'Pods',
          key: 'a/db',
          owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'uid-StatefulSet-db' },
        },
        namespace: 'a',
        name: 'db-0',
        uid: 'uid-pod-a-db-0',
        node: 'n1',
      },
    ]);
  });

  test('keeps the limit of each role, also where Pods of one owner draw on several', () => {
    const pod = (name: string, role: string) =>
      aPod(name).customer().ownedBy('ReplicaSet', 'web').label('proffer.dev/role', role).cpu('1');
    const limited = aRole('lab').limit({ cpu: '1' });
    expect(words(aNode('n1'), limited, pod('a', 'studio'), pod('b', 'lab'), pod('c', 'lab'))).toEqual([
      'bind a to n1',
      'bind b to n1',
    ]);
  });

  test('never deletes a Pod of others, not even half a gang that cannot become whole', () => {
    const bound = aPod('a').gang('g', 3).cpu('2').on('n1');
    const rest = ['b', 'c'].map((name) => aPod(name).gang('g', 3).cpu('2'));
    expect(words(aNode('n1'), bound, ...rest)).toEqual([]);
    expect(words(aNode('n1'), bound, aPod('d').customer().exited(1).on('n1'))).toEqual([]);
  });

  test('deletes a Pod as it was seen, and only then', () => {
    const pod = aPod('small-0')
      .namespace('games')
      .ofPool(aPool('small'), 0)
      .on('n1')
      .resourceVersion('77')
      .ready();
    const commands = plan(aNode('n1'), aPool('small').replicas(0), pod);
    expect(commands).toEqual([
      {
        kind: 'delete',
        framework: { id: 'gsp/games/small', kind: 'GameServerPool', key: 'games/small' },
        namespace: 'games',
        name: 'small-0',
        uid: 'uid-pod-games-small-0',
        resourceVersion: '77',
        reason: 'ScaledDown',
        signal: undefined,
      },
    ]);
  });

  test('does not delete a Pod that the API server has not answered for', () => {
    const inflight = aPod('small-0').ofPool(aPool('small'), 0).on('n1');
    const raw = inflight.build();
    const { uid: _, ...metadata } = raw.metadata;
    inflight.build = () => ({ ...raw, metadata });
    expect(words(aNode('n1'), aPool('small').replicas(0), inflight)).toEqual([]);
  });

  test('is empty when all is as it should be', () => {
    const pods = [0, 1].map((slot) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n1').ready());
    expect(words(aNode('n1'), arena, ...pods)).toEqual([]);
  });
});

describe('a gang that was never whole', () => {
  test('gives its room back when it cannot be completed', () => {
    expect(words(aNode('n1').cpu('2'), learn, worker(0).starting(), worker(1))).toEqual([
      'delete learn-w-0: GangIncomplete',
      'delete learn-w-1: GangIncomplete',
    ]);
  });

  test('gives its room back when the API server refuses the rest of it', () => {
    const cluster = aSnapshot().with(aNode('n1').cpu('3'), learn, worker(0).starting());
    const refused = { reason: REASON.api, message: 'exceeded quota' };
    expect(inWords(planFor(cluster.hold('tj/training/learn', refused)))).toEqual([
      'delete learn-w-0: GangIncomplete',
    ]);
  });

  test('is completed when it can be', () => {
    expect(words(aNode('n1').cpu('3'), learn, worker(0).starting(), worker(1))).toEqual([
      'create learn-w-2 on n1',
    ]);
  });

  test.each<[what: string, pods: Buildable[]]>([
    ['a worker failed and came back', [worker(0).failures(1), worker(1).starting()]],
    ['a worker is done', [worker(0).exited(0), worker(1).starting()]],
  ])('but one that was whole keeps what it has: %s', (_, pods) => {
    expect(words(aNode('n1').cpu('1'), learn, ...pods)).toEqual([]);
  });

  test('but one that has started keeps what it has, and one that a ready worker merely seems to make whole does not', () => {
    const pods = [worker(0).ready(), worker(1).starting()];
    const started = aJob('learn')
      .group(aGroup('w').replicas(3).cpu('1'))
      .status({ startTime: '2026-01-01T11:00:00Z' });
    expect(words(aNode('n1').cpu('2'), started, ...pods)).toEqual([]);
    expect(words(aNode('n1').cpu('2'), learn, ...pods)).toHaveLength(2);
  });
});

describe('a plan for tasks whose claims have no volumes yet', () => {
  const storage = (fields: { claim?: object; volume?: object } = {}): RawStorage => ({
    claims: [
      aClaim('disk', { of: 'local', ...fields.claim }),
      aClaim('made', { of: 'disks', ...fields.claim }),
    ],
    classes: [aStorageClass('local'), aStorageClass('disks', 'disks.example.com')],
    volumes: [aVolume('v', { of: 'local', ...fields.volume })],
  });
  const pool = (...claims: string[]) =>
    aPool('arena')
      .namespace('default')
      .replicas(2)
      .claims(...claims);
  const planned = (raw: RawStorage, ...claims: string[]) =>
    planFor(
      aSnapshot()
        .with(aNode('n1'), pool(...claims))
        .storage(raw),
    );

  test('lets each claim have its volume once, and creates nothing', () => {
    expect(inWords(planned(storage(), 'disk', 'made'))).toEqual([
      'claim disk for n1: v',
      'claim made for n1: made',
    ]);
  });

  test('names the state of what is changed as it was seen', () => {
    expect(planned(storage(), 'disk')[0]).toMatchObject({
      namespace: 'default',
      uid: 'uid-claim-disk',
      resourceVersion: '1',
      volume: { name: 'v', resourceVersion: '1', kept: false },
    });
    const kept = { claim: { name: 'disk' } };
    expect(planned(storage({ volume: kept }), 'disk')[0]).toMatchObject({ volume: { kept: true } });
  });

  test('waits once that is said', () => {
    const said = { claim: { name: 'disk', uid: 'uid-claim-disk' } };
    expect(planned(storage({ volume: said }), 'disk')).toEqual([]);
    expect(planned(storage({ claim: { selectedNode: 'n1' } }), 'made')).toEqual([]);
  });

  test('creates the Pods when the claims are bound', () => {
    const bound = storage({
      claim: { boundTo: 'v' },
      volume: { claim: { name: 'disk', uid: 'uid-claim-disk' } },
    });
    expect(inWords(planned(bound, 'disk'))).toEqual(['create arena-0 on n1', 'create arena-1 on n1']);
  });
});
