import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  NOW,
  type JobBuilder,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { ago } from '../../../test/builders/time.ts';
import { COUNTER_PREFIX } from '../../api/group.ts';
import type { JobProgress } from '../../api/job/checkpoint.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';
import { jobFacts } from './facts.ts';
import { foundOf } from './found.ts';
import { checkpointVariables } from './progress.ts';
import { jobStatus } from './status.ts';

const learn = (progress?: JobProgress) =>
  aJob('learn')
    .group(aGroup('w').replicas(2))
    .field('checkpoint', { path: '/state' })
    .status({ phase: 'Running', startTime: ago(600), ...(progress ? { progress } : {}) });
const worker = (slot: number, counters: Readonly<Record<string, string>>) => {
  const pod = aPod(`learn-w-${slot}`).ofJob(learn(), 'w', slot).on('n1').ready();
  for (const [name, value] of Object.entries(counters)) pod.annotation(`${COUNTER_PREFIX}${name}`, value);
  return pod;
};

/** What a job tells whose workers count so, after what it told before. */
function after(told: JobProgress | undefined, ...counters: Readonly<Record<string, string>>[]) {
  const job = learn(told);
  const pods = counters.map((each, slot) => worker(slot, each));
  const { all } = cycle(aSnapshot().with(aNode('n1'), job, ...pods));
  const { progress } = jobStatus(jobFacts(job.build()), all[0]!, NOW);
  expect(progress).toEqual(foundOf(all[0]!.framework)?.progress);
  return { progress, wakeAt: all[0]!.framework.wakeAt };
}

const told = (lastTime: string, more: Partial<JobProgress> = {}): JobProgress => ({
  step: 100,
  steps: 1000,
  checkpointStep: 90,
  checkpointTime: ago(30),
  lastTime,
  ...more,
});

describe('how far a job is', () => {
  test('is nothing while no worker tells', () => {
    expect(after(undefined, {}, {}).progress).toBeUndefined();
  });

  test('is what the furthest one tells, with when its checkpoint was heard of', () => {
    expect(after(undefined, { step: '7/1000', checkpoint: '5' }, { step: '8/1000' }).progress).toEqual({
      step: 8,
      steps: 1000,
      checkpointStep: 5,
      checkpointTime: ago(0),
      fromStep: 8,
      fromTime: ago(0),
      lastTime: ago(0),
    });
  });

  test('is written every ten seconds, and a checkpoint and the last step at once', () => {
    const late = told(ago(3));
    expect(after(late, { step: '101/1000' })).toEqual({ progress: late, wakeAt: NOW + 7000 });
    expect(after(told(ago(10)), { step: '101/1000' }).progress).toMatchObject({
      step: 101,
      lastTime: ago(0),
    });
    const saved = { step: 101, checkpointStep: 101, checkpointTime: ago(0) };
    expect(after(late, { step: '101/1000', checkpoint: '101' }).progress).toMatchObject(saved);
    expect(after(late, { step: '100/1000', checkpoint: '100' }).progress).toMatchObject({
      checkpointStep: 100,
    });
    expect(after(late, { step: '1000/1000' }).progress).toMatchObject({ step: 1000 });
  });

  test('is what is in its checkpoint when all who told are gone, and the rest is counted as lost, once', () => {
    const { progress } = after(told(ago(60), { fromStep: 3, fromTime: ago(300), timeLeft: '2m' }));
    expect(progress).toEqual(told(ago(0), { step: 90, lostSteps: 10 }));
    expect(after(progress, {}).progress).toEqual(progress);
    // They begin anew from there, and are lost again.
    const again = after({ ...progress!, lastTime: ago(20) }, { step: '97/1000' }).progress!;
    expect(again).toMatchObject({
      step: 97,
      checkpointStep: 90,
      fromStep: 97,
      fromTime: ago(0),
      lostSteps: 10,
    });
    expect(after(again).progress).toMatchObject({ step: 90, lostSteps: 17 });
  });

  test('counts all steps as lost that no checkpoint was told of', () => {
    const { checkpointStep: _, ...unsaved } = told(ago(60));
    const { progress } = after(unsaved);
    expect(progress).toMatchObject({ step: 0, lostSteps: 100 });
    const later = { ...progress!, lastTime: ago(60) };
    expect(after(later).progress, 'and is written once').toEqual(later);
  });

  const progressOf = (job: JobBuilder, ...pods: PodBuilder[]) =>
    foundOf(
      aSnapshot()
        .with(aNode('n1'), job, ...pods)
        .build().frameworks[0]!,
    )?.progress;

  test('takes what a worker saves on its way out, and loses nothing of it', () => {
    const job = learn(told(ago(3)));
    const going = worker(0, { step: '104/1000', checkpoint: '104' }).deleting();
    expect(progressOf(job, going)).toMatchObject({ step: 104, checkpointStep: 104 });
    // It has ended by the time that anybody looks.
    const over = worker(0, { step: '104/1000', checkpoint: '104' }).exited(143);
    const { lostSteps, ...rest } = progressOf(job, over)!;
    expect([lostSteps, rest]).toEqual([
      undefined,
      expect.objectContaining({ step: 104, checkpointStep: 104 }),
    ]);
  });

  test('stays when those who told have succeeded', () => {
    const groups = [{ name: 'w', completed: '0' }];
    const job = learn().status({ phase: 'Running', groups, progress: told(ago(60)) });
    expect(progressOf(job, worker(1, {}))).toEqual(told(ago(60)));
  });

  test('is written to the last step that anybody told when all are to start again', () => {
    const job = learn(told(ago(2))).field('failurePolicy', { defaultAction: 'RestartGang' });
    const failed = worker(0, { step: '109/1000' }).exited(1);
    expect(progressOf(job, failed, worker(1, {}))).toMatchObject({ step: 109, checkpointStep: 90 });
  });

  test('is of so many steps as the spec says where workers do not', () => {
    const job = learn().field('checkpoint', { path: '/state', totalSteps: 500 });
    expect(progressOf(job, worker(0, { step: '7' }))).toMatchObject({ step: 7, steps: 500 });
    expect(progressOf(job, worker(0, { step: '7/400' }))).toMatchObject({ steps: 400 });
  });

  test('is how long it will take, by the steps since the workers started', () => {
    const run = { fromStep: 40, fromTime: ago(120) };
    expect(after(told(ago(20), run), { step: '100/1000' }).progress).toEqual(told(ago(20), run));
    // 61 steps in 120 s, 899 to go.
    expect(after(told(ago(20), run), { step: '101/1000' }).progress).toMatchObject({
      ...run,
      timeLeft: '29m',
    });
    expect(after(told(ago(20)), { step: '101/1000' }).progress).not.toHaveProperty('timeLeft');
  });

  test('is not written again when nothing changed', () => {
    expect(after(told(ago(60)), { step: '100/1000', checkpoint: '90' }).progress).toEqual(told(ago(60)));
  });
});

test('workers are told where checkpoints are, and which is the last', () => {
  expect(checkpointVariables(undefined, 90)).toEqual([]);
  expect(checkpointVariables('/state', undefined)).toEqual([
    { name: 'PROFFER_CHECKPOINT_PATH', value: '/state' },
  ]);
  expect(checkpointVariables('/state', 90)[1]).toEqual({ name: 'PROFFER_CHECKPOINT_STEP', value: '90' });
});
