import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aCsiNode,
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aStorageClass,
  aVolume,
  HOST,
  NOW,
  required,
  term,
  type Buildable,
  type RawStorage,
} from '../../test/builders/index.ts';
import type { Clock } from '../lib/clock.ts';
import { clusterOf, storageDocuments } from './cluster.test-helper.ts';
import { explain } from './explain.ts';
import { withObjects } from './merge.ts';
import { addDocuments } from './objects.ts';
import type { Target } from './target.ts';

const clock: Clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };
const options = { now: NOW, hostPorts: { first: 7000, last: 8000 }, clock };

const waiting = (...objects: readonly Buildable[]) => [...explain(clusterOf(...objects), options)];
/** Explains one target, which has one class. */
function one(target: Partial<Extract<Target, { name: string }>>, ...objects: readonly Buildable[]) {
  const targets: Target[] = [{ kind: 'pod', namespace: 'default', name: 'a', ...target }];
  return [...explain(clusterOf(...objects), { ...options, targets })][0]!;
}
const reasons = ({ verdicts }: ReturnType<typeof one>) =>
  Object.fromEntries([...verdicts].map(([node, verdict]) => [node, verdict.reasons]));

describe('a Pod of anybody', () => {
  test('that waits', () => {
    const explained = one({}, aNode('n1').cpu('1'), aNode('n2'), aPod('a').cpu('2').memory('1Gi'));
    expect(explained).toMatchObject({
      pods: ['default/a'],
      workload: undefined,
      waiting: true,
      node: undefined,
      unsupported: [],
      needs: { cpu: '2', memory: '1Gi', pods: '1' },
      fits: ['n2'],
    });
    expect(reasons(explained)).toEqual({ n1: ['Insufficient cpu'], n2: [] });
  });

  test('that runs is explained as if it were not there, its room and ports given back', () => {
    const a = aPod('a').on('n1').cpu('3').fixedPort(9000);
    const explained = one({}, aNode('n1'), aNode('n2').cpu('2'), a);
    expect(explained).toMatchObject({ node: 'n1', waiting: false, fits: ['n1'] });
    expect(reasons(explained)).toEqual({ n1: [], n2: ['Insufficient cpu'] });
  });

  test('that asks for what no node has', () => {
    expect(reasons(one({}, aNode('n1'), aPod('a').request('example.com/fpga', '1')))).toEqual({
      n1: ['Insufficient example.com/fpga'],
    });
  });

  test('with fields that say nothing of where it may live now', () => {
    const a = aPod('a').specField('restartPolicy', 'Always').specField('schedulerName', 'default-scheduler');
    expect(one({}, aNode('n1'), a.specField('priority', 5)).fits).toEqual(['n1']);
  });

  test('with a field that is not honoured: it is named, and no node is said to fit', () => {
    const explained = one({}, aNode('n1'), aNode('n2').cordoned(), aPod('a').specField('oddity', { of: 1 }));
    expect(explained).toMatchObject({ unsupported: ['spec.oddity'], fits: [] });
    expect(reasons(explained)).toEqual({
      n1: ['spec.oddity is not supported'],
      n2: ['node(s) were unschedulable', 'spec.oddity is not supported'],
    });
  });

  test('on a node that monitoring holds unfit', () => {
    expect(reasons(one({}, aNode('n1').notReady(30), aPod('a')))).toEqual({
      n1: ['node(s) were unfit (not ready for 30 s)'],
    });
  });

  test('of a pool: with the memory of its class', () => {
    const pool = aPool('arena').distributed();
    const crashed = aPod('arena-1').ofPool(pool, 1).on('n1').exited(1, 1, 1);
    const explained = one(
      { namespace: 'games', name: 'arena-0' },
      aNode('n1'),
      aNode('n2'),
      pool,
      crashed,
      aPod('arena-0').ofPool(pool, 0).on('n2').ready(),
    );
    expect(explained.workload).toBe('gsp/games/arena');
    expect(explained.verdicts.get('n1')).toMatchObject({
      fault: 0.59,
      cause: 'avoids node n1 for 29 s more: 1 Pod of this class crashed there (Error)',
    });
    expect(explained.verdicts.get('n1')!.scores).toHaveProperty('spreading');
  });

  test.each([
    [{ name: 'b' }, 'there is no Pod "b" in namespace default; there is pod/default/a'],
    [{ namespace: 'games' }, 'there is no Pod "a" in namespace games; there is pod/default/a'],
    [
      { kind: 'gsp', name: 'arena' },
      'there is no GameServerPool "arena" in namespace default; there is none at all in that namespace',
    ],
  ] as const)('that is not there: %j', (target, message) => {
    expect(() => one(target, aNode('n1'), aPod('a'))).toThrow(message);
  });
});

describe('pools and jobs', () => {
  test('that lack tasks: each of them by the name that it would get, and the layer that holds them', () => {
    const [explained, ...others] = waiting(
      aNode('n1').cpu('3'),
      aPool('arena').replicas(3).cpu('2').port('game', 1),
      aPool('well').replicas(0),
    );
    expect(others).toEqual([]);
    expect(explained).toMatchObject({
      pods: ['games/arena-0', 'games/arena-1', 'games/arena-2'],
      workload: 'gsp/games/arena',
      waiting: true,
      hostPorts: 1,
      fits: ['n1'],
      held: { reason: 'InsufficientResources' },
    });
  });

  test('a job: its groups one by one', () => {
    const job = aJob('learn').group(aGroup('ps').cpu('1'), aGroup('worker').replicas(2).cpu('9'));
    const explained = waiting(aNode('n1'), job);
    expect(explained.map(({ pods, fits }) => [pods, fits])).toEqual([
      [['training/learn-ps-0'], ['n1']],
      [['training/learn-worker-0', 'training/learn-worker-1'], []],
    ]);
    expect(explained[0]!.held!.reason).toBe('GangDoesNotFit');
  });

  test('that lack nothing: one more task', () => {
    const pool = aPool('arena').replicas(1).cpu('2');
    const running = aPod('arena-0').ofPool(pool, 0).on('n1').cpu('2').ready();
    const target = { kind: 'gsp', namespace: 'games', name: 'arena' } as const;
    expect(one(target, aNode('n1').cpu('3'), aNode('n2'), pool, running)).toMatchObject({
      pods: ['games/arena'],
      waiting: false,
      held: undefined,
      fits: ['n2'],
    });
  });

  test('that wait for their back-off say so', () => {
    const pool = aPool('arena').replicas(1);
    const [explained] = waiting(
      aNode('n1'),
      pool,
      aPod('arena-0').ofPool(pool, 0).on('n1').failures(6).exited(1, 0, 1),
    );
    expect(explained).toMatchObject({ waiting: false, held: { reason: 'BackOff' } });
  });

  test('with a field that is not honoured', () => {
    const [explained] = waiting(
      aNode('n1'),
      aPool('arena')
        .replicas(1)
        .specField('resourceClaims', [{ name: 'gpu' }]),
    );
    expect(explained).toMatchObject({ fits: [], held: { reason: 'UnsupportedField' } });
    expect(explained!.unsupported).toEqual(['template.spec.resourceClaims']);
  });
});

describe('Pods of others that Proffer places', () => {
  const member = (name: string, min: number) => aPod(name).gang('g', min).cpu('3');

  test('are shown as what they belong to, with the layer that holds them, and not a second time', () => {
    const replica = (name: string) => aPod(name).customer().ownedBy('ReplicaSet', 'web').cpu('9');
    const explained = waiting(aNode('n1'), replica('b'), replica('a'), aPod('theirs').cpu('9'));
    expect(explained).toMatchObject([
      {
        pods: ['default/a', 'default/b'],
        workload: 'replicaset.apps/default/web',
        waiting: true,
        fits: [],
        held: { reason: 'InsufficientResources' },
      },
      { pods: ['default/theirs'], workload: undefined, held: undefined },
    ]);
  });

  test('are explained one by one as well, with the layer that holds them', () => {
    const explained = one({}, aNode('n1'), aNode('n2'), member('a', 3));
    expect(explained).toMatchObject({ pods: ['default/a'], waiting: true, fits: ['n1', 'n2'] });
    expect(explained.held!.message).toBe('1 of the 3 Pods of the gang exist');
  });

  test('that a gang does not need to start are shown, too', () => {
    const explained = waiting(aNode('n1'), member('a', 2), member('b', 2), member('c', 2));
    expect(explained.map(({ pods, held }) => [pods, held?.reason])).toEqual([
      [['default/a', 'default/b'], 'GangDoesNotFit'],
      [['default/c'], 'GangDoesNotFit'],
    ]);
  });
});

describe('everything that waits', () => {
  test('Pods that are alike are judged once; those that end, run or go do not wait', () => {
    const explained = waiting(
      aNode('n1'),
      aPod('c').cpu('9'),
      aPod('a').cpu('9'),
      aPod('b').cpu('1'),
      aPod('d').on('n1'),
      aPod('e').exited(0),
      aPod('f').deleting(),
    );
    expect(explained.map(({ pods, fits }) => [pods, fits])).toEqual([
      [['default/a', 'default/c'], []],
      [['default/b'], ['n1']],
    ]);
  });

  test('Pods that differ in a rule about other Pods are not alike', () => {
    const apart = { podAntiAffinity: required(term(HOST, 'db')) };
    const explained = waiting(
      aNode('n1'),
      aPod('db').label('app', 'db').on('n1'),
      aPod('a').cpu('1'),
      aPod('b').cpu('1').specField('affinity', apart),
    );
    expect(explained.map(({ pods, fits }) => [pods, fits])).toEqual([
      [['default/a'], ['n1']],
      [['default/b'], []],
    ]);
  });

  test('nothing, of a cluster where all is well', () =>
    expect(waiting(aNode('n1'), aPod('a').on('n1'))).toEqual([]));
});

test('what if a pool grew: its running servers stay its own', () => {
  const pool = (replicas: number) => aPool('arena').replicas(replicas).cpu('2');
  const cluster = clusterOf(
    aNode('n1'),
    pool(1),
    aPod('arena-0').ofPool(pool(1), 0).on('n1').cpu('2').ready(),
  );
  const grown = withObjects(cluster, clusterOf(pool(3)));
  expect([...explain(grown, options)].map(({ pods }) => pods)).toEqual([['games/arena-1', 'games/arena-2']]);
});

describe('a Pod with volumes', () => {
  const explained = (storage: RawStorage, complete = false) => {
    const cluster = clusterOf(aNode('n1'), aNode('n2'), aPod('a').claims('data'));
    addDocuments(cluster, storageDocuments(storage), 'default');
    return [...explain(cluster, { ...options, complete })][0]!;
  };

  test('goes where its volume is', () => {
    const claims = [aClaim('data', { boundTo: 'v' })];
    expect(reasons(explained({ claims, volumes: [aVolume('v', { on: ['n2'] })] }))).toEqual({
      n1: ["node(s) didn't match PersistentVolume's node affinity"],
      n2: [],
    });
  });

  test('is not judged in silence by kinds that a dump lacks', () => {
    const both = (words: string) => ({ n1: [words], n2: [words] });
    expect(reasons(explained({}))).toEqual(
      both(
        'persistentvolumeclaim "data" not found (what was read holds no pvc: list them too, if there are any)',
      ),
    );
    expect(reasons(explained({}, true))).toEqual(both('persistentvolumeclaim "data" not found'));
    expect(reasons(explained({ claims: [aClaim('data', { boundTo: 'v' })] }))).toEqual(
      both('persistentvolume "v" not found (what was read holds no pv: list them too, if there are any)'),
    );
    expect(reasons(explained({ claims: [aClaim('data', { of: 'fast' })] }))).toEqual(
      both(
        'pod has unbound immediate PersistentVolumeClaims (what was read holds no sc: list them too, if there are any)',
      ),
    );
  });

  test('is told what was not looked at', () => {
    const claims = [aClaim('data', { of: 'fast' })];
    const storage = { claims, classes: [aStorageClass('fast', 'disks')] };
    expect(explained(storage)).toMatchObject({
      fits: ['n1', 'n2'],
      unknown: [
        'how many volumes nodes can attach (what was read holds no csinodes: list them too, if there are any)',
        'whether there is room for new volumes (what was read holds no csidrivers: list them too, if there are any)',
      ],
    });
    const csiNodes = [aCsiNode('n1', { disks: 3 })];
    expect(explained({ ...storage, csiNodes }).unknown[0]).toBe(
      'volumes that nodes have and nobody uses (what was read holds no volumeattachments: list them too, if there are any)',
    );
    expect(explained(storage, true)).toMatchObject({ unknown: [] });
  });
});
