import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import type { GroupHistory } from '../../api/job/history.ts';
import { formatTime } from '../../lib/time.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { foundOf } from './found.ts';

const learn = (...groups: GroupHistory[]) =>
  aJob('learn').group(aGroup('ps'), aGroup('worker').replicas(2)).status({ groups });
const worker = (slot: number, name = `learn-worker-${slot}`) =>
  aPod(name).ofJob(learn(), 'worker', slot).on('n1').tracked();
const read = (...objects: Buildable[]): Framework =>
  aSnapshot()
    .with(aNode('n1'), ...objects)
    .build().frameworks[0]!;
const pending = (f: Framework) =>
  f.classes.flatMap((c) => Array.from(c.pending, ({ name, failures }) => [name, failures]));
const settled = (f: Framework) => f.settled.map(({ name }) => name);
const past = (f: Framework) => foundOf(f)!.groups;
const failed = (index: number, failures: number, secondsAgo = 600) => ({
  index,
  failures,
  lastTime: formatTime(NOW - secondsAgo * 1000),
});

describe('a worker that succeeded', () => {
  const done = { name: 'worker', completed: '0' };

  test('is told of, and its Pod stays until the status that is stored does so', () => {
    const before = read(learn(), worker(0).exited(0));
    expect(past(before)).toEqual([done]);
    expect(settled(before)).toEqual([]);
    expect(settled(read(learn(done), worker(0).exited(0)))).toEqual(['learn-worker-0']);
  });

  test('is not run again when its Pod is gone', () => {
    const job = read(learn(done));
    expect([job.completed, pending(job), past(job)]).toEqual([
      1,
      [
        ['learn-ps-0', 0],
        ['learn-worker-1', 0],
      ],
      [done],
    ]);
  });

  test('has succeeded, though somebody deletes its Pod before it is told', () => {
    const job = read(learn(), worker(0).exited(0, 90).deleting());
    expect([job.completed, past(job), settled(job)]).toEqual([1, [done], []]);
  });

  test.each([
    ['after it was deleted', 0],
    ['so short before that clocks may differ', 30],
  ])('has not, when it ended %s', (_, secondsAgo) => {
    const job = read(learn(), worker(0).exited(0, secondsAgo).deleting());
    expect([job.completed, past(job), settled(job)]).toEqual([0, [], ['learn-worker-0']]);
  });
});

describe('a worker that failed', () => {
  const told = (failures: number, secondsAgo?: number) => ({
    name: 'worker',
    failed: [failed(0, failures, secondsAgo)],
  });

  test('is counted once, with what its Pod says of those before', () => {
    const job = read(learn(told(1)), worker(0).failures(1).exited(1, 5));
    expect([job.failures, past(job), settled(job)]).toEqual([2, [told(2, 5)], []]);
    const again = read(learn(told(2, 5)), worker(0).failures(1).exited(1, 5));
    expect([again.failures, past(again), settled(again)]).toEqual([2, [told(2, 5)], ['learn-worker-0']]);
  });

  test('keeps its count when its Pods are gone', () => {
    const job = read(learn(told(2)).maxRestarts(1));
    expect([job.failures, job.exhausted]).toEqual([2, true]);
    expect(pending(read(learn(told(2))))).toContainEqual(['learn-worker-0', 2]);
  });

  test('backs off, though its Pods are gone', () => {
    const job = read(learn(told(3, 1)));
    expect(pending(job)).toEqual([
      ['learn-ps-0', 0],
      ['learn-worker-1', 0],
    ]);
    expect([job.backingOff, job.wakeAt]).toEqual([1, NOW + 1000]);
    expect(job.failed).toContain('learn-worker-0 failed; next try at ');
  });

  test('and was deleted then has failed all the same', () => {
    const job = read(learn(), worker(0).failures(1).exited(1, 90).deleting());
    expect([job.failures, past(job)]).toEqual([2, [told(2, 90)]]);
  });

  test('in so many that the job has failed need not all be told', () => {
    const job = read(learn().maxRestarts(0), worker(0).exited(1), worker(1).exited(1));
    expect(past(job)).toEqual([told(1, 0)]);
  });
});

describe('the Pod of a worker', () => {
  test('that nobody blames is settled when its containers are done, or somebody deletes it by force', () => {
    expect(settled(read(learn(), worker(0).failed('Evicted')))).toEqual(['learn-worker-0']);
    expect(settled(read(learn(), worker(0).ready().deleting()))).toEqual([]);
    expect(settled(read(learn(), worker(0).ready().deleting(0)))).toEqual(['learn-worker-0']);
  });

  test('is settled whatever it tells, once the job has ended', () => {
    const over = learn().status({ phase: 'Failed' });
    expect(settled(read(over, worker(0).ready(), worker(1).exited(1)))).toEqual([
      'learn-worker-0',
      'learn-worker-1',
    ]);
  });
});
