import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import { LABEL } from '../../api/group.ts';
import { jobFacts } from './facts.ts';
import { peerMarkings } from './peer-marks.ts';

const learn = () =>
  aJob('learn')
    .group(aGroup('w').replicas(2), aGroup('task').field('completions', 3))
    .status({ restart: { attempt: 1, failures: 0, reason: 'x', startTime: '2026-01-01T00:00:00Z' } });
const worker = (slot: number, attempt: number, group = 'w') =>
  aPod(`learn-${group}-${slot}-a${attempt}`)
    .ofJob(learn(), group, slot)
    .on('n1')
    .annotation('proffer.dev/attempt', String(attempt));
const OFF = { [LABEL.peers]: null };
const ON = { [LABEL.peers]: 'learn' };

const marked = (...pods: Buildable[]) => {
  const { frameworks } = aSnapshot()
    .with(learn(), aNode('n1'), ...pods)
    .build();
  return peerMarkings(jobFacts(learn().build()), frameworks[0]!).map(({ pod, metadata }) => [
    pod.name,
    metadata.labels,
  ]);
};

test('a worker of before leaves the Service when another has its rank, and not before', () => {
  expect(marked(worker(0, 0), worker(1, 0), worker(1, 1))).toEqual([['learn-w-1-a0', OFF]]);
});

test('one that is deleted and has yet to end leaves it when another runs, and one that is over need not', () => {
  const other = aPod('learn-w-0-r1').ofJob(learn(), 'w', 0).on('n1').annotation('proffer.dev/attempt', '1');
  expect(marked(worker(0, 1).deleting(), other.ready())).toEqual([['learn-w-0-a1', OFF]]);
  expect(marked(worker(0, 1).deleting())).toEqual([]);
  expect(marked(worker(0, 1).exited(1), other)).toEqual([]);
});

test('workers of versions without the label get it, and tasks by index, which have no names, do not', () => {
  const without = (slot: number, group?: string) => worker(slot, 1, group).label(LABEL.peers, 'none');
  expect(marked(without(0), worker(1, 1), without(2, 'task'))).toEqual([['learn-w-0-a1', ON]]);
  expect(marked(without(0).launched())).toEqual([]);
});
