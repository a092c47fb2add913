import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import type { AgentHealth } from '../recovery/health.ts';
import { buildMatrices } from './matrices.ts';
import { verdictsOf } from './verdict.ts';

/** The verdict on the only class on the first node. */
function verdict(objects: readonly Buildable[], health: Partial<AgentHealth> = {}, cause = '') {
  const snapshot = aSnapshot()
    .with(...objects)
    .health('n1', health)
    .build();
  return verdictsOf(snapshot, buildMatrices(snapshot, snapshot.classes), 0, () => cause)[0]!;
}

const game = () => aPool('arena').cpu('2').memory('1Gi');

test('a node that takes the task says how many more, and what B is made of', () => {
  expect(verdict([aNode('n1').cpu('4'), game()])).toEqual({
    fits: true,
    room: 2,
    reasons: [],
    missing: {},
    scores: { packing: 313, penalty: 0, total: 313 },
    fault: 0,
    cause: '',
  });
});

test('a class that spreads counts its own tasks on the node; an avoided node loses points', () => {
  const pool = game().distributed();
  const running = aPod('arena-0').ofPool(pool, 0).on('n1').cpu('2').ready();
  expect(
    verdict(
      [aNode('n1').cpu('8'), pool.replicas(2), running],
      { pressures: ['DiskPressure'] },
      'DiskPressure',
    ),
  ).toMatchObject({
    fits: true,
    scores: { spreading: 687, here: 1, penalty: 1200, total: 687 - 1200 },
    fault: 0.6,
    cause: 'DiskPressure',
  });
});

describe('reasons, in the words of kube-scheduler', () => {
  test.each<[string, readonly Buildable[], readonly string[]]>([
    [
      'cordon, which the node controller repeats as a taint',
      [aNode('n1').cordoned().taint('node.kubernetes.io/unschedulable'), game()],
      ['node(s) were unschedulable'],
    ],
    [
      'a taint',
      [aNode('n1').taint('dedicated', 'NoSchedule', 'batch'), game()],
      ['node(s) had untolerated taint {dedicated: batch}'],
    ],
    [
      'the first taint that is not tolerated',
      [aNode('n1').taint('a').taint('b', 'PreferNoSchedule').taint('c', 'NoExecute'), game().tolerate('a')],
      ['node(s) had untolerated taint {c: }'],
    ],
    [
      'a selector',
      [aNode('n1'), game().nodeSelector('zone', 'a')],
      ["node(s) didn't match Pod's node affinity/selector"],
    ],
    [
      'affinity',
      [aNode('n1'), game().affinity('zone', 'a')],
      ["node(s) didn't match Pod's node affinity/selector"],
    ],
    [
      'host ports',
      [aNode('n1'), aPod('p').on('n1').fixedPort(7000), game().fixedPort(7000)],
      ["node(s) didn't have free ports for the requested pod ports"],
    ],
    [
      'resources, all of them',
      [aNode('n1').cpu('1').memory('512Mi'), game()],
      ['Insufficient cpu', 'Insufficient memory'],
    ],
    ['the number of Pods', [aNode('n1').pods(1), aPod('p').on('n1'), game()], ['Too many pods']],
    [
      'everything at once',
      [aNode('n1').cordoned().taint('x').cpu('1'), game().nodeSelector('zone', 'a')],
      [
        'node(s) were unschedulable',
        'node(s) had untolerated taint {x: }',
        "node(s) didn't match Pod's node affinity/selector",
        'Insufficient cpu',
      ],
    ],
  ])('%s', (_, objects, reasons) => {
    expect(verdict(objects)).toMatchObject({ fits: false, room: 0, reasons });
  });

  test('a node that monitoring holds unfit has the room and is not taken', () => {
    expect(
      verdict([aNode('n1').cpu('4'), game()], { unfitMs: 1, cause: 'not ready' }, 'not ready for 1 s'),
    ).toMatchObject({ fits: false, room: 2, reasons: ['node(s) were unfit (not ready for 1 s)'], fault: 1 });
  });
});

test('room that is reserved for another role is not lacking, and is not there either', () => {
  const reserved = aRole('studio').reserve('kubernetes.io/hostname', 'n1', { cpu: '3' });
  expect(verdict([aNode('n1'), reserved, game()])).toMatchObject({
    fits: false,
    reasons: ['node(s) had cpu that is reserved for other roles'],
    missing: { cpu: '1' },
  });
});

test('what is missing is a quantity, of what is free and not of what the node has', () => {
  const taken = aPod('p').on('n1').cpu('3500m').memory('7Gi');
  expect(verdict([aNode('n1'), taken, game().memory('2Gi')]).missing).toEqual({
    cpu: '1500m',
    memory: '1Gi',
  });
  expect(verdict([aNode('n1'), game().request('nvidia.com/gpu', '2')]).missing).toEqual({
    'nvidia.com/gpu': '2',
  });
});

test('a node fits exactly when nothing speaks against it', () => {
  const maybe = fc.boolean();
  const cluster = fc.record({
    cpu: fc.constantFrom('1', '4'),
    used: fc.constantFrom('0', '2', '4'),
    cordoned: maybe,
    tainted: maybe,
    tolerated: maybe,
    labelled: maybe,
    selects: maybe,
    port: maybe,
    unfit: maybe,
  });
  const outcomes = new Set<boolean>();
  fc.assert(
    fc.property(cluster, (c) => {
      const node = aNode('n1').cpu(c.cpu);
      if (c.cordoned) node.cordoned();
      if (c.tainted) node.taint('t');
      if (c.labelled) node.label('zone', 'a');
      const pool = game().fixedPort(7001);
      if (c.tolerated) pool.tolerate('t');
      if (c.selects) pool.nodeSelector('zone', 'a');
      const other = aPod('p')
        .on('n1')
        .cpu(c.used)
        .fixedPort(c.port ? 7001 : 7002);
      const { fits, reasons } = verdict([node, other, pool], { unfitMs: c.unfit ? 1 : 0 }, 'unfit');
      outcomes.add(fits);
      expect(fits).toBe(reasons.length === 0);
    }),
    { numRuns: 500 },
  );
  expect(outcomes.size).toBe(2);
});

test('each of the resources that no node has is named with what is missing of it', () => {
  const pool = game().request('x.io/a', '2').request('x.io/b', '3');
  expect(verdict([aNode('n1').cpu('4').memory('8Gi'), pool])).toMatchObject({
    fits: false,
    reasons: ['Insufficient x.io/a', 'Insufficient x.io/b'],
    missing: { 'x.io/a': '2', 'x.io/b': '3' },
  });
});
