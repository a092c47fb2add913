import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  ago,
  NOW,
  type Buildable,
  type JobBuilder,
} from '../../../test/builders/index.ts';
import { formatTime } from '../../lib/time.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { makePlan } from '../../plan/plan.ts';
import { atOnce } from '../../lib/steps.ts';
import { buildSnapshot } from '../../world/world.ts';
import { DRIVERS } from '../drivers.ts';
import { jobFacts } from './facts.ts';
import { jobStatus } from './status.ts';

const learn = () => aJob('learn').group(aGroup('w').replicas(2).cpu('1'));
const worker = (slot: number) => aPod(`learn-w-${slot}`).ofJob(learn(), 'w', slot).on('n1').cpu('1');
const running = { phase: 'Running', startTime: ago(100) };
const node = aNode('n1').cpu('4');

/** A cycle with its plan. */
function planned(builder: ReturnType<typeof aSnapshot>) {
  const { snapshot, allocation, all } = cycle(builder);
  return { all, commands: atOnce(makePlan(snapshot, allocation, DRIVERS)) };
}

/** What becomes of a job in a cycle. */
function after(job: JobBuilder, ...objects: Buildable[]) {
  const { all, commands } = planned(aSnapshot().with(job, node, ...objects));
  const status = jobStatus(jobFacts(job.build()), all[0]!, NOW);
  return {
    status,
    conditions: told(status.conditions),
    framework: all[0]!.framework,
    commands: commands.flatMap((command) =>
      command.kind === 'create'
        ? [`create ${command.pod.metadata.name}`]
        : command.kind === 'delete'
          ? [`delete ${command.name}: ${command.reason}`]
          : command.kind === 'notice'
            ? [`notice ${command.name}: ${command.until === undefined ? 'stays' : formatTime(command.until)}`]
            : [],
    ),
  };
}

describe('a job that is suspended', () => {
  const suspended = (status: object = running) => learn().field('suspend', true).status(status);

  test('from its birth waits without Pods', () => {
    const { status, conditions, commands } = after(suspended({}));
    expect(commands).toEqual([]);
    expect(status).toMatchObject({
      phase: 'Suspended',
      message: 'suspended; 0 of 2 workers succeeded',
      active: 0,
    });
    expect(conditions).toEqual([
      'Supported=True AsExpected',
      'Placed=False JobSuspended',
      'Complete=False Suspended',
      'Queued=False JobSuspended',
      'Running=False JobSuspended',
      'Suspended=True JobSuspended',
    ]);
  });

  test('lets its workers go, and keeps what is done', () => {
    const { status, commands } = after(suspended(), worker(0).exited(0), worker(1).ready());
    expect(commands).toEqual(['delete learn-w-1: Suspended']);
    expect(status).toMatchObject({ succeeded: 1, groups: [{ name: 'w', completed: '0' }] });
    expect(status.message).toBe('suspended; 1 worker on their way out; 1 of 2 workers succeeded');
    expect(status.startTime, 'time begins anew').toBeUndefined();
  });

  test('tells them before, by the notice that their Pods bear, and nobody gets more time', () => {
    const at = (seconds: number) => formatTime(NOW + seconds * 1000);
    const noticed = (slot: number) => worker(slot).ready().annotation('proffer.dev/notice-seconds', '30');
    const first = after(suspended(), noticed(0), worker(1).ready());
    expect(first.commands).toEqual([`notice learn-w-0: ${at(30)}`, 'delete learn-w-1: Suspended']);
    expect(first.framework.wakeAt).toBe(NOW + 30_000);
    const forged = after(
      suspended(),
      noticed(0).annotation('proffer.dev/inverse-offer', at(3600)),
      noticed(1).annotation('proffer.dev/inverse-offer', at(5)),
    );
    expect(forged.commands).toEqual([`notice learn-w-0: ${at(30)}`]);
    expect(after(suspended(), noticed(0).annotation('proffer.dev/inverse-offer', at(-1))).commands).toEqual([
      'delete learn-w-0: Suspended',
    ]);
  });

  test('is resumed by false: its workers are placed, and those that were told to go may stay', () => {
    const before = after(suspended(), worker(0).ready()).status;
    const { status, conditions, commands } = after(
      learn().status(before),
      worker(0)
        .ready()
        .annotation('proffer.dev/notice-seconds', '30')
        .annotation('proffer.dev/inverse-offer', ago(-9)),
    );
    expect(commands).toEqual(['create learn-w-1', 'notice learn-w-0: stays']);
    expect(status.phase).toBe('Pending');
    expect(conditions).toContain('Suspended=False JobResumed');
  });

  test('ends all the same when its work is done', () => {
    const { status, conditions } = after(suspended(), worker(0).exited(0), worker(1).exited(0));
    expect(status.phase).toBe('Succeeded');
    expect(conditions).not.toContain('Suspended=True JobSuspended');
  });

  test('stays ended', () => {
    expect(after(suspended({ phase: 'Failed' })).status.phase).toBe('Failed');
  });
});

describe('the time of a job', () => {
  const timed = (seconds: number, status: object = running) =>
    learn().field('activeDeadlineSeconds', seconds).status(status);

  test('is looked at when it is over', () => {
    const { status, framework } = after(timed(130), worker(0).ready(), worker(1).ready());
    expect([status.phase, framework.wakeAt]).toEqual(['Running', NOW + 30_000]);
  });

  test('ends it when it is over: nobody is set to work any more', () => {
    const { status, conditions, commands } = after(timed(100), worker(0).ready());
    expect(status).toMatchObject({ phase: 'Failed', completionTime: formatTime(NOW) });
    expect(conditions).toContain('Failed=True DeadlineExceeded');
    expect(commands).toEqual([]);
    // What is told once stays.
    const next = after(timed(100, status), worker(0).ready());
    expect([next.commands, next.status]).toEqual([['delete learn-w-0: JobEnded'], status]);
  });

  test('does not run before all workers were placed, nor while it is suspended', () => {
    expect(after(timed(1, {}), worker(0).ready()).status.phase).not.toBe('Failed');
    expect(after(timed(1).field('suspend', true), worker(0).ready()).status.phase).toBe('Suspended');
  });
});

test.each([
  ['None', []],
  ['Running', ['delete learn-w-1: JobEnded']],
  ['All', ['delete learn-w-0: JobEnded', 'delete learn-w-1: JobEnded']],
])('of a job that ended the Pods go that are named by %s', (policy, deleted) => {
  const job = learn().field('cleanPodPolicy', policy).status({ phase: 'Succeeded' });
  expect(after(job, worker(0).exited(0), worker(1).ready()).commands).toEqual(deleted);
});

test('a job that has succeeded by its policy lets the others go', () => {
  const job = (status: object) =>
    aJob('learn')
      .group(aGroup('launcher'), aGroup('w').replicas(2))
      .field('successPolicy', { groups: ['launcher'] })
      .status(status);
  const launcher = aPod('learn-launcher-0').ofJob(learn(), 'launcher', 0).on('n1').exited(0);
  const first = after(job(running), launcher, worker(0).ready());
  expect([first.status.phase, first.commands]).toEqual(['Succeeded', []]);
  expect(first.conditions).toContain('Complete=True SuccessPolicy');
  const next = after(job(first.status), launcher, worker(0).ready());
  expect([next.commands, next.status]).toEqual([['delete learn-w-0: JobEnded'], first.status]);
});

test.each([
  ['waits', [], ['Queued=True GangDoesNotFit', 'Running=False GangDoesNotFit'], aNode('n1').cpu('1')],
  [
    'starts',
    [worker(0).ready(), worker(1).starting()],
    ['Queued=False AsExpected', 'Running=False Starting'],
    node,
  ],
  [
    'runs',
    [worker(0).ready(), worker(1).ready()],
    ['Queued=False AsExpected', 'Running=True AsExpected'],
    node,
  ],
  [
    'is at its end',
    [worker(0).exited(0), worker(1).ready()],
    ['Queued=False AsExpected', 'Running=True AsExpected'],
    node,
  ],
  [
    'backs off',
    [worker(0).failures(2).exited(1, 1), worker(1).ready()],
    ['Queued=False AsExpected', 'Running=False BackOff'],
    node,
  ],
  [
    'has ended',
    [worker(0).exited(0), worker(1).exited(0)],
    ['Queued=False Succeeded', 'Running=False Succeeded'],
    node,
  ],
])('a job that %s says so by its conditions', (_, pods, conditions, on) => {
  const job = learn().status(pods.length > 0 ? running : {});
  const { all } = cycle(aSnapshot().with(job, on, ...pods));
  const status = jobStatus(jobFacts(job.build()), all[0]!, NOW);
  expect(told(status.conditions).filter((text) => /Queued|Running=/.test(text))).toEqual(conditions);
});

describe('tasks by index', () => {
  const sweep = (fields: object = {}, status: object = running) =>
    aJob('learn')
      .group(
        Object.entries({ completions: 10, parallelism: 3, ...fields }).reduce(
          (group, [name, value]) => group.field(name, value),
          aGroup('t').cpu('1'),
        ),
      )
      .status(status);
  const task = (index: number, name = `learn-t-${index}`) =>
    aPod(name).ofJob(sweep(), 't', index).on('n1').cpu('1');

  test('begin as many at a time as may be, the lowest first, as room comes', () => {
    const { commands, status, framework } = after(sweep({ parallelism: 6 }, {}));
    expect(commands).toEqual([0, 1, 2, 3].map((index) => `create learn-t-${index}`));
    expect([framework.gang, framework.together]).toEqual([false, false]);
    expect(status).toMatchObject({ phase: 'Pending', workers: 10 });
    expect(status.message).toMatch(/^0 running, 0 of 10 tasks succeeded; 2 waiting: /);
    expect(after(sweep({}, {}), task(0).ready()).status).toMatchObject({
      phase: 'Running',
      startTime: formatTime(NOW),
    });
  });

  test('that are done make way for the next, and are told', () => {
    const { commands, status } = after(sweep(), task(0).ready(), task(1).exited(0), task(2).ready());
    expect(commands).toEqual(['create learn-t-3']);
    expect(status).toMatchObject({ succeeded: 1, groups: [{ name: 't', completed: '1' }] });
    expect(status.message).toBe('2 running, 1 of 10 tasks succeeded');
  });

  test('that are done are never begun again, however many there are', () => {
    const groups = [{ name: 't', completed: '0-49999,50002,50004-99998', failedIndexes: '50001' }];
    const { commands } = after(sweep({ completions: 100_000 }, { ...running, groups }), task(50_000).ready());
    expect(commands).toEqual(['create learn-t-50003', 'create learn-t-99999']);
  });

  test('that failed are tried again and stand in the way of others meanwhile', () => {
    const { commands, framework, status } = after(
      sweep(),
      task(0).exited(1, 9),
      task(1).failures(2).exited(1, 1),
      task(2).ready(),
    );
    expect(commands).toEqual(['create learn-t-0-r1']);
    expect([framework.backingOff, framework.exhausted, framework.failures]).toEqual([1, false, 0]);
    expect(status.groups).toMatchObject([
      {
        failed: [
          { index: 0, failures: 1 },
          { index: 1, failures: 3 },
        ],
      },
    ]);
  });

  test('are not begun again while the one before may run: two of one index never run at once', () => {
    const lost = after(sweep({ parallelism: 1 }), task(0).ready().deleting());
    expect(lost.commands).toEqual([]);
    expect(after(sweep({ parallelism: 1 })).commands).toEqual(['create learn-t-0']);
  });

  test('that failed too often are given up, and the others go on', () => {
    const pods = [task(0).failures(1).exited(1, 9), task(1).ready(), task(2).ready()];
    const { commands, status } = after(sweep({ maxRestartsPerIndex: 1 }), ...pods);
    expect(commands).toEqual(['create learn-t-3']);
    expect(status).toMatchObject({ groups: [{ name: 't', failedIndexes: '0', retried: 1 }], restarts: 1 });
    expect(status.message).toBe('2 running, 0 of 10 tasks succeeded, 1 failed for good');
    const again = after(sweep({ maxRestartsPerIndex: 1 }, { ...running, groups: status.groups }), ...pods);
    expect([again.commands, again.status.groups]).toEqual([['create learn-t-3'], status.groups]);
  });

  test('keep nothing of their failures when they are done but how many there were', () => {
    const told = { name: 't', failed: [{ index: 0, failures: 2, lastTime: ago(60) }] };
    const { status } = after(
      sweep({}, { ...running, groups: [told] }),
      task(0, 'learn-t-0-r2').failures(2).exited(0),
    );
    expect(status).toMatchObject({ restarts: 2, groups: [{ name: 't', completed: '0', retried: 2 }] });
    expect(status.groups![0]).not.toHaveProperty('failed');
    const next = after(
      sweep({}, { ...running, groups: status.groups }),
      task(0, 'learn-t-0-r2').failures(2).exited(0),
    );
    expect(next.status).toMatchObject({ restarts: 2, groups: status.groups });
  });

  test('end the job: well when all are done, not when some were given up', () => {
    expect(after(sweep({}, { ...running, groups: [{ name: 't', completed: '0-9' }] })).status).toMatchObject({
      phase: 'Succeeded',
      succeeded: 10,
    });
    const groups = [{ name: 't', completed: '0-4,6-9', failedIndexes: '5' }];
    expect(after(sweep({}, { ...running, groups })).conditions).toContain('Failed=True FailedIndexes');
  });

  test('come after the workers of their job', () => {
    const mixed = (status: object) =>
      aJob('learn')
        .group(aGroup('w').replicas(2).cpu('1'), aGroup('t').cpu('1').field('completions', 10))
        .status(status);
    const first = after(mixed({}));
    expect(first.commands).toEqual(['create learn-w-0', 'create learn-w-1']);
    expect([first.framework.gang, first.framework.together, first.framework.wakeAt]).toEqual([
      true,
      true,
      NOW,
    ]);
    const { commands, status } = after(mixed({}), worker(0).starting(), worker(1).starting());
    expect(commands).toEqual(['create learn-t-0']);
    expect(status.startTime).toBeDefined();
  });

  test('have their number, and no rank among workers', () => {
    const { commands } = planned(aSnapshot().with(sweep({ parallelism: 1 }), node));
    const [create] = commands.filter((command) => command.kind === 'create');
    expect(create!.pod.spec.containers[0]!.env).toEqual([
      { name: 'PROFFER_GROUP', value: 't' },
      { name: 'PROFFER_TASK_INDEX', value: '0' },
      { name: 'PROFFER_RESTART_ATTEMPT', value: '0' },
    ]);
  });

  test('leave their last finished Pods behind, and none whose end is not told', () => {
    const groups = [{ name: 't', completed: '0-509' }];
    const pods = Array.from({ length: 510 }, (_, index) => task(index).exited(0, index));
    const job = sweep({ completions: 600, parallelism: 1 }, { ...running, groups });
    const { removals } = buildSnapshot(
      aSnapshot()
        .with(job, node, ...pods)
        .inputs(),
      DRIVERS,
    ).frameworks[0]!;
    const names = removals.map(({ pod, reason }) => `${pod.name} ${reason}`).sort();
    expect(names).toEqual(Array.from({ length: 10 }, (_, i) => `learn-t-${500 + i} Counted`));
    const untold = sweep({ completions: 600, parallelism: 1 });
    expect(
      buildSnapshot(
        aSnapshot()
          .with(untold, node, ...pods)
          .inputs(),
        DRIVERS,
      ).frameworks[0]!.removals,
    ).toEqual([]);
  });
});
