import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  NOW,
  type Buildable,
  type JobBuilder,
} from '../../../test/builders/index.ts';
import type { GangRestart } from '../../api/job/restart.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { formatTime } from '../../lib/time.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { jobFacts } from './facts.ts';
import { jobDriver } from './driver.ts';
import { foundOf } from './found.ts';

const GANG = { defaultAction: 'RestartGang' };
const started = { phase: 'Running', startTime: formatTime(NOW - 3_600_000) };
const learn = (status: TrainingJobStatus = {}, policy: object = GANG) =>
  aJob('learn')
    .group(aGroup('w').replicas(3))
    .field('failurePolicy', policy)
    .status({ ...started, ...status });
const restart = (attempt: number, fields: Partial<GangRestart> = {}): TrainingJobStatus => ({
  restart: {
    attempt,
    failures: 1,
    reason: 'learn-w-1 crashed',
    startTime: formatTime(NOW - 60_000),
    ...fields,
  },
});
const worker = (slot: number, attempt = 0, name = `learn-w-${slot}`) => {
  const pod = aPod(name)
    .ofJob(aJob('learn').group(aGroup('w')), 'w', slot)
    .on('n1')
    .tracked();
  return attempt === 0 ? pod : pod.annotation('proffer.dev/attempt', String(attempt));
};
const cluster = (...objects: Buildable[]) => aSnapshot().with(aNode('n1'), aNode('n2'), ...objects);
const read = (...objects: Buildable[]): Framework => cluster(...objects).build().frameworks[0]!;
const removals = (f: Framework) => f.removals.map(({ pod, reason }) => [pod.name, reason]);
const held = ({ classes }: Framework) =>
  classes.map(({ pending, hold }) => [pending.length, hold?.reason, hold?.message]);
const settled = (f: Framework) => f.settled.map(({ name }) => name);

describe('a job whose workers start again together', () => {
  const failed = () => [worker(0).ready(), worker(1).exited(1, 9), worker(2).ready()];

  test('says so in its status first, and until that is stored stops nobody', () => {
    const job = read(learn(), ...failed());
    expect(foundOf(job)!.restart).toEqual({
      attempt: 1,
      failures: 1,
      reason: 'learn-w-1 crashed (exit 1) on n1',
      startTime: formatTime(NOW),
    });
    expect([removals(job), settled(job), foundOf(job)!.groups]).toEqual([[], [], []]);
    expect(held(job)).toEqual([
      [1, 'WorkersEnding', 'all workers start again: learn-w-1 crashed (exit 1) on n1'],
    ]);
  });

  test('gives the new ones names that none before them had, so that who deletes an old one by its name hits no new one', () => {
    const { classes } = read(learn(restart(2)));
    expect(Array.from(classes[0]!.pending, ({ name }) => name)).toEqual(
      [0, 1, 2].map((slot) => `learn-w-${slot}-a2`),
    );
  });

  test('stops them all then, and starts none while one of them may run', () => {
    const job = read(learn(restart(1)), ...failed());
    expect(removals(job).slice(0, 3)).toEqual([0, 1, 2].map((slot) => [`learn-w-${slot}`, 'GangRestart']));
    expect(held(job)).toEqual([[3, 'WorkersEnding', 'learn-w-0 on n1 and 1 more still to end']]);
    expect([settled(job), foundOf(job)!.restart!.attempt]).toEqual([['learn-w-1'], 1]);
    const last = read(learn(restart(1)), worker(0).ready().deleting(), worker(1).exited(1, 9));
    expect(held(last)).toEqual([[3, 'WorkersEnding', 'learn-w-0 on n1 still to end']]);
  });

  test('starts them with the number of the attempt when all are gone, or their node is', () => {
    const lost = worker(2).ready().deleting().on('gone');
    const { allocation, snapshot } = cycle(cluster(learn(restart(2)), worker(0).exited(143), lost));
    expect(allocation.launches.map(({ vacancy }) => vacancy.slot)).toEqual([0, 1, 2]);
    const [launch] = allocation.launches;
    const marks = jobDriver.marks(snapshot.frameworks[0]!, launch!, snapshot.agents[0]!);
    expect(marks.annotations).toEqual({ 'proffer.dev/attempt': '2' });
    expect(marks.environment).toContainEqual({ name: 'PROFFER_RESTART_ATTEMPT', value: '2' });
  });

  test('does not take what came of the attempt before for an end of this one', () => {
    const pods = [0, 1, 2].map((slot) => worker(slot, 1, `learn-w-${slot}-r1`).ready());
    const job = read(learn(restart(1)), ...pods, worker(0).exited(0, 90), worker(1).exited(1, 90));
    expect([job.completed, job.live.length, job.failures]).toEqual([0, 3, 1]);
    expect(settled(job)).toEqual(['learn-w-0', 'learn-w-1']);
  });

  test('does all its work anew', () => {
    const done = { groups: [{ name: 'w', completed: '0' }] };
    const job = read(learn(done), worker(1).exited(1), worker(2).ready());
    expect(foundOf(job)).toMatchObject({ groups: [], restart: { attempt: 1 } });
  });

  test('backs off as one worker does', () => {
    const again = restart(3, { failures: 3, startTime: formatTime(NOW - 1000) });
    const job = read(learn(again));
    expect(held(job)[0]!.slice(0, 2)).toEqual([3, 'BackOff']);
    expect(job.wakeAt, 'it is looked at until all are placed').toBe(NOW);
  });

  test('fails when it did so too often; a lost worker is no failure', () => {
    const often = learn(restart(4, { failures: 1 })).maxRestarts(1);
    const pods = (end: Buildable) => [worker(0, 4).ready(), end, worker(2, 4).ready()];
    expect(read(often, ...pods(worker(1, 4).exited(1))).exhausted).toBe(true);
    const lost = read(often, ...pods(worker(1, 4).ready().deleting()));
    expect([lost.exhausted, foundOf(lost)!.restart]).toMatchObject([false, { attempt: 5, failures: 1 }]);
  });

  test('tells it by a condition, until all are placed again', () => {
    const statement = (job: JobBuilder, ...pods: Buildable[]) =>
      jobDriver.status(jobFacts(job.build()), cycle(cluster(job, ...pods)).all[0]!, 0, NOW)!;
    const begun = statement(learn(), ...failed());
    expect(told(begun.status.conditions)).toContain('Restarting=True GangRestart');
    expect(begun.news).toMatchObject([
      { reason: 'Restarting', note: 'all workers start again: learn-w-1 crashed (exit 1) on n1' },
    ]);
    const stopped = statement(learn(begun.status as TrainingJobStatus), ...failed());
    expect([told(stopped.status.conditions).at(-1), stopped.news]).toEqual([
      'Restarting=True GangRestart',
      [],
    ]);
    const pods = [0, 1, 2].map((slot) => worker(slot, 1, `learn-w-${slot}-r1`).ready());
    const { status } = statement(learn(begun.status as TrainingJobStatus), ...pods);
    expect(told(status.conditions)).toContain('Restarting=False AsExpected');
    expect(status).toMatchObject({ restarts: 1, restart: { attempt: 1, finishTime: formatTime(NOW) } });
  });
});

describe('rules', () => {
  const verdict = (rules: object[], end = worker(1).exited(3)) => {
    const job = read(learn({}, { rules }), worker(0).ready(), end, worker(2).ready());
    const { restart: again, ending } = foundOf(job)!;
    if (again) return 'RestartGang';
    if (ending) return ending.reason;
    return job.failures > 0 ? 'RestartTask' : 'Ignore';
  };
  const gang = { action: 'RestartGang' };

  test.each<[rule: object, matches: boolean]>([
    [{ exitCodes: [3] }, true],
    [{ exitCodes: [1, 2] }, false],
    [{ signals: ['SIGKILL'] }, false],
    [{ reasons: ['Error'] }, true],
    [{ reasons: ['OOMKilled'] }, false],
    [{ groups: ['w'], exitCodes: [3] }, true],
    [{ groups: ['ps'], exitCodes: [3] }, false],
    [{ exitCodes: [3], reasons: ['OOMKilled'] }, false],
    [{ message: 'x*' }, false],
    [{ message: '*' }, true],
  ])('%j', (rule, matches) => {
    expect(verdict([{ ...gang, ...rule }])).toBe(matches ? 'RestartGang' : 'RestartTask');
  });

  test('know signals, and losses by their reason', () => {
    expect(verdict([{ ...gang, signals: ['SIGKILL'] }], worker(1).exited(137))).toBe('RestartGang');
    expect(verdict([{ ...gang, reasons: ['Evicted'] }], worker(1).failed('Evicted'))).toBe('RestartGang');
    expect(verdict([{ ...gang, reasons: ['NodeGone'] }], worker(1).on('gone').ready())).toBe('RestartGang');
    expect(verdict([], worker(1).failed('Evicted'))).toBe('Ignore');
  });

  test('are gone through in order', () => {
    const fail = { action: 'Fail', exitCodes: [3] };
    expect(verdict([fail, { ...gang, exitCodes: [3] }])).toBe('FailurePolicy');
    expect(verdict([{ action: 'Ignore', exitCodes: [3] }, fail])).toBe('Ignore');
  });
});

test('failures out of the window do not count', () => {
  const old = [formatTime(NOW - 100_000), formatTime(NOW - 10_000)];
  const job = (windowSeconds: number) =>
    read(learn({ recentFailures: old }, { windowSeconds }).maxRestarts(2), worker(1).exited(1));
  expect([job(60).exhausted, foundOf(job(60))!.recent]).toEqual([false, [old[1], formatTime(NOW)]]);
  expect(job(600).exhausted).toBe(true);
});

test('a worker that is lost is not made anew while it may still run', () => {
  const alone = learn({}, {});
  const going = read(alone, worker(0).ready(), worker(1).ready().deleting(), worker(2).ready());
  expect(held(going)).toEqual([[1, 'WorkersEnding', 'learn-w-1 on n1 still to end']]);
});

describe('a worker that never starts', () => {
  const stuck = (secondsAgo: number) => worker(1).created(secondsAgo).stuck('ErrImagePull', 'no such image');
  const alone = (status: TrainingJobStatus = {}) => learn(status, {}).field('startTimeoutSeconds', 60);
  const failed = { groups: [{ name: 'w', failed: [{ index: 1, failures: 1, lastTime: formatTime(NOW) }] }] };

  test('has failed when its time is over', () => {
    const early = read(alone(), stuck(50));
    expect([early.failures, early.wakeAt]).toEqual([0, NOW + 10_000]);
    const late = read(alone(), stuck(60));
    expect([late.failures, foundOf(late)!.groups]).toEqual([1, failed.groups]);
    expect(removals(late), 'it is told first').toEqual([]);
    const told = read(alone(failed), stuck(60));
    expect(told.removals).toMatchObject([{ reason: 'Replaced', signal: 'NeverStarted' }]);
    expect(held(told)[0]![1]).toBe('WorkersEnding');
    expect(read(alone(failed), stuck(60).deleting(0)).failures).toBe(1);
  });

  test('stays until it is told that all start again for it', () => {
    expect(removals(read(learn().field('startTimeoutSeconds', 60), stuck(60)))).toEqual([]);
  });

  test('may take as long as it likes in its init containers', () => {
    const init = worker(1)
      .created(3600)
      .specField('initContainers', [{ name: 'fetch' }]);
    expect(read(alone(), init.init('fetch', { running: {} })).failures).toBe(0);
    const fetched = { terminated: { exitCode: 0, finishedAt: formatTime(NOW - 50_000) } };
    const then = worker(1)
      .created(3600)
      .specField('initContainers', [{ name: 'fetch' }]);
    expect(read(alone(), then.init('fetch', fetched)).wakeAt).toBe(NOW + 10_000);
  });
});

test('a suspended job whose workers go does not start them again', () => {
  const job = read(learn().field('suspend', true), worker(0).ready().deleting(0), worker(1).exited(143));
  expect(settled(job)).toEqual(['learn-w-0']);
  const gone = read(learn().field('suspend', true), worker(0).ready().deleting(0));
  expect(foundOf(gone)!.restart).toBeUndefined();
});
