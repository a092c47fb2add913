import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import type { Nomination } from '../allocator/allocate.ts';
import { REASON } from '../api/conditions.ts';
import { cycle } from './cycle.test-helper.ts';
import { unscheduledPods } from './pod-scheduled.ts';

const replica = (name: string) => aPod(name).customer().ownedBy('ReplicaSet', 'web').cpu('2');

function said(
  builder: ReturnType<typeof aSnapshot>,
  nominations: readonly Pick<Nomination, 'agent' | 'tasks'>[] = [],
) {
  const { snapshot, allocation, all } = cycle(builder);
  const wanted = nominations.map((each) => ({ demandClass: snapshot.classes[0]!, ...each }) as Nomination);
  return unscheduledPods(snapshot, { ...allocation, nominations: wanted }, all);
}
const reasons = (...objects: Buildable[]) =>
  said(aSnapshot().with(...objects)).map(({ pod, reason }) => `${pod.name} ${reason}`);

describe('what is said of Pods that wait', () => {
  test('is Unschedulable where more nodes would help, and nothing of those that are bound now', () => {
    expect(reasons(aNode('n1'), replica('a'), replica('b'), replica('c'))).toEqual(['c Unschedulable']);
    const picky = aPod('p').customer().nodeSelector('disk', 'ssd');
    expect(reasons(aNode('n1'), picky)).toEqual(['p Unschedulable']);
    const ill = aSnapshot().with(aNode('n1'), aPod('p').customer()).health('n1', { unfitMs: 60_000 });
    expect(said(ill)).toMatchObject([{ reason: 'Unschedulable' }]);
    const gang = ['a', 'b', 'c'].map((name) => aPod(name).gang('g', 3).cpu('2'));
    expect(reasons(aNode('n1'), ...gang)).toEqual(['a Unschedulable', 'b Unschedulable', 'c Unschedulable']);
  });

  test('is the layer where no node would help', () => {
    expect(reasons(aNode('n1'), aPod('a').gang('g', 2))).toEqual(['a GangDoesNotFit']);
    expect(reasons(aNode('n1'), aPod('a').customer().specField('oddity', 1))).toEqual(['a UnsupportedField']);
    const hold = { reason: REASON.api, message: 'no' };
    const held = said(
      aSnapshot()
        .with(aNode('n1'), replica('a'))
        .hold('replicaset.apps/default/web#uid-ReplicaSet-web', hold),
    );
    expect(held).toMatchObject([{ reason: 'PodRefused', message: 'no', nominated: undefined }]);
    const wordy = { ...hold, message: 'no '.repeat(1000) };
    const told = said(
      aSnapshot()
        .with(aNode('n1'), replica('a'))
        .hold('replicaset.apps/default/web#uid-ReplicaSet-web', wordy),
    );
    expect(told[0]!.message).toHaveLength(1024);
  });

  test('is there also for Pods without whom their gang starts, until it does', () => {
    const gang = ['a', 'b', 'c'].map((name) => aPod(name).gang('g', 2).cpu('2'));
    expect(reasons(aNode('n1').cpu('3'), ...gang)).toEqual([
      'a Unschedulable',
      'b Unschedulable',
      'c GangDoesNotFit',
    ]);
    expect(reasons(aNode('n1'), ...gang)).toEqual([]);
  });

  test('is its own for each Pod of a group', () => {
    const bad = replica('a').specField('oddity', 1);
    const far = replica('b').nodeSelector('disk', 'ssd');
    const told = said(aSnapshot().with(aNode('n1'), bad, far, replica('c')));
    expect(told.map(({ pod, reason, message }) => [pod.name, reason, message])).toEqual([
      ['b', 'Unschedulable', "0 of 1 nodes can take it: 1 didn't match the node selector"],
      ['a', 'UnsupportedField', 'not supported, remove it: spec.oddity'],
    ]);
  });

  test('is nothing when all are bound, and nothing of pools', () => {
    expect(reasons(aNode('n1'), replica('a'), aPool('arena').replicas(9).cpu('3'))).toEqual([]);
  });

  test('names the node that is cleared for each of them', () => {
    const builder = aSnapshot().with(aNode('n1').cpu('1'), aNode('n2').cpu('1'));
    builder.with(replica('a'), replica('b'), replica('c'), replica('d'));
    const waiting = said(builder, [
      { agent: 1, tasks: 2 },
      { agent: 0, tasks: 1 },
    ]);
    expect(waiting.map(({ pod, nominated }) => [pod.name, nominated])).toEqual([
      ['a', 'n2'],
      ['b', 'n2'],
      ['c', 'n1'],
      ['d', undefined],
    ]);
  });
});
