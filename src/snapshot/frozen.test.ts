import { describe, expect, test } from 'vitest';
import { aJob, aNode, aPod, aPool, aSnapshot } from '../../test/builders/index.ts';
import { CUSTOMER_LABEL } from '../api/group.ts';
import type { Hold } from './hold.ts';

const hold: Hold = { reason: 'Quarantined', message: 'a fault', freezes: true };
const node = aNode('n').cpu('8');

describe('a framework that is frozen', () => {
  test('keeps what it has, makes nothing and deletes nothing', () => {
    const pool = aPool('arena').replicas(0).cpu('1');
    const server = aPod('arena-0').ofPool(pool, 0).cpu('1').on('n').ready();
    const snapshot = aSnapshot().with(node, pool, server).hold('gsp/games/arena', hold).build();
    const [framework] = snapshot.frameworks;
    expect(framework).toMatchObject({ id: 'gsp/games/arena', hold, classes: [], removals: [] });
    expect(framework!.live.map(({ name }) => name)).toEqual(['arena-0']);
    expect(snapshot.held[0]![snapshot.columns.get('cpu')!]).toBe(1000);
  });

  test('says so on its Pods that wait, when they are of others', () => {
    const waits = aPod('p').customer().cpu('1');
    const snapshot = aSnapshot().with(node, waits).hold('pod/default/p', hold).build();
    expect(snapshot.frameworks[0]!.frozen!.map(({ name }) => name)).toEqual(['p']);
  });

  test('is a pool that cannot be read, and no other one', () => {
    const bad = aPool('bad').field('replicas', -1);
    const snapshot = aSnapshot().with(node, bad, aPool('good').replicas(2)).build();
    const [good, frozen] = snapshot.frameworks;
    expect(good!.classes[0]!.pending).toHaveLength(2);
    expect(frozen!.hold!.reason).toBe('Unreadable');
    expect(frozen!.hold!.message).toContain('spec.replicas');
  });
});

test('a gang that is frozen stays one: all of it gives way, or none', () => {
  const job = aJob('learn');
  const snapshot = aSnapshot().with(node, job, aPod('a').gang('g', 2));
  snapshot.hold('tj/games/learn', hold).hold('gang/default/g', hold);
  expect(snapshot.build().frameworks.map(({ together }) => together)).toEqual([true, true]);
});

test('what a Pod of no workload says as a server charges no other role than it draws on', () => {
  const pod = aPod('p').customer().label(CUSTOMER_LABEL.role, 'dear').cpu('1').on('n');
  pod.controlledBy({ apiVersion: 'proffer.dev/v1alpha1', kind: 'GameServerPool', name: 'no', uid: 'no' });
  pod.label('proffer.dev/slot', '0').annotation('proffer.dev/role', 'cheap');
  const { roles, columns } = aSnapshot().with(node, pod).build();
  const cpu = columns.get('cpu')!;
  const holders = roles.filter(({ held }) => held[cpu]! > 0).map(({ path }) => path);
  expect(holders).toEqual(['default/dear']);
});

describe('a Pod that says it is a server', () => {
  const owner = {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerPool',
    name: 'arena',
    uid: 'uid-gsp-games-arena',
  };
  const forged = (change: Partial<typeof owner>, namespace = 'games') =>
    aPod('forged')
      .namespace(namespace)
      .controlledBy({ ...owner, ...change })
      .label('proffer.dev/slot', '0')
      .on('n');
  const liveWith = (pod: ReturnType<typeof forged>) =>
    aSnapshot().with(node, aPool('arena').cpu('1'), pod).build().frameworks[0]!.live.length;

  test('is one when a pool of its namespace has that UID', () => expect(liveWith(forged({}))).toBe(1));

  test.each([
    ['another namespace', forged({}, 'tenant-b')],
    ['another group', forged({ apiVersion: 'x/v1' })],
    ['another kind', forged({ kind: 'TrainingJob' })],
    ['another UID', forged({ uid: 'other' })],
    ['no slot', forged({}).label('proffer.dev/slot', '1e3')],
  ])('is none with %s', (_, pod) => expect(liveWith(pod)).toBe(0));

  test('takes part by itself when it is none and names our scheduler', () => {
    const { frameworks } = aSnapshot()
      .with(
        node,
        aPool('arena').cpu('1'),
        aPod('p')
          .customer()
          .controlledBy({ ...owner, uid: 'other' }),
      )
      .build();
    expect(frameworks.map(({ kind }) => kind)).toEqual(['GameServerPool', 'Pods']);
  });

  test.each(['Infinity', '-1', '1e9', '9999999', ' 3', ''])('has no %j failures', (text) => {
    const pool = aPool('arena').cpu('1');
    const pod = aPod('arena-0').ofPool(pool, 0).annotation('proffer.dev/failures', text).exited(1);
    const [framework] = aSnapshot().with(node, pool, pod.on('n')).build().frameworks;
    expect(framework!.backingOff + framework!.classes[0]!.pending.length).toBe(1);
    expect(framework!.classes[0]!.pending.at(0)?.failures).toBe(1);
  });
});

test('an owner of kind gsp and a pool are two frameworks (one such Pod stopped every cycle)', () => {
  const pod = aPod('p1').namespace('tenant-b').customer().cpu('100');
  pod.controlledBy({ apiVersion: 'x/v1', kind: 'gsp', name: 'arena', uid: 'u-p1' });
  const { frameworks } = aSnapshot().with(node, aPool('arena').namespace('tenant-b').cpu('100'), pod).build();
  expect(new Set(frameworks.map(({ id }) => id)).size).toBe(2);
});

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'no node has the label %s by nature',
  (key) => {
    const pod = aPod('p')
      .customer()
      .specField('affinity', {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' }] }],
          },
        },
      });
    const snapshot = aSnapshot().with(node, pod.label(CUSTOMER_LABEL.framework, 'constructor')).build();
    expect(snapshot.agents[0]!.labels[key]).toBeUndefined();
    expect(snapshot.frameworks[0]!.id).toBe('framework/default/constructor');
  },
);
