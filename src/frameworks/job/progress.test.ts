import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aSnapshot, NOW } from '../../../test/builders/index.ts';
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

  test('stays when the workers are gone, and its checkpoint when they begin anew', () => {
    expect(after(told(ago(60))).progress).toEqual(told(ago(60)));
    expect(after(told(ago(60)), { step: '91/1000' }).progress).toMatchObject({
      step: 91,
      checkpointStep: 90,
      checkpointTime: ago(30),
    });
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
