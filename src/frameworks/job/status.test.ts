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
import { jobFacts } from './facts.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { jobStatus, workersOf } from './status.ts';

const node = aNode('n1').cpu('2');
const learn = () => aJob('learn').group(aGroup('w').replicas(2).cpu('1'));
const worker = (slot: number) => aPod(`learn-w-${slot}`).ofJob(learn(), 'w', slot).on('n1').cpu('1');
const running = { phase: 'Running', startTime: '2026-01-01T11:00:00Z' };

function statusOf(job: JobBuilder, others: Buildable[], refused = false, now = NOW) {
  const builder = aSnapshot().with(job, ...others);
  if (refused) builder.hold('tj/training/learn', { reason: 'PodRefused', message: 'exceeded quota' });
  return jobStatus(jobFacts(job.build()), cycle(builder).all[0]!, now);
}

test.each<
  [
    phase: string,
    message: string,
    conditions: string[],
    job: JobBuilder,
    others: Buildable[],
    refused?: boolean,
  ]
>([
  [
    'Pending',
    '2 of 2 workers waiting: 1 of 2 workers fit; for the next one 0 of 1 nodes can take it: 1 had insufficient cpu; ' +
      'needs 1 cpu, most free is 0 on n1',
    ['Placed=False GangDoesNotFit', 'Complete=False Pending'],
    learn(),
    [aNode('n1').cpu('1')],
  ],
  [
    'Pending',
    '0 of 2 workers running, 0 succeeded',
    ['Placed=True AsExpected', 'Complete=False Pending'],
    learn(),
    [node],
  ],
  [
    'Running',
    '1 of 2 workers running, 1 succeeded',
    ['Placed=True AsExpected', 'Complete=False Running'],
    learn().status(running),
    [node, worker(0).exited(0), worker(1).ready()],
  ],
  [
    'Running',
    '1 worker backing off after failures: learn-w-0 crashed (exit 1) on n1; next try at 2026-01-01T12:00:01Z',
    ['Placed=False BackOff', 'Complete=False Running'],
    learn().status(running),
    [node, worker(0).failures(2).exited(1, 1), worker(1).ready()],
  ],
  [
    'Running',
    '1 of 2 workers waiting: exceeded quota',
    ['Placed=False PodRefused', 'Complete=False Running'],
    learn().status(running),
    [node, worker(1).ready()],
    true,
  ],
  [
    'Succeeded',
    '2 workers succeeded',
    ['Complete=True AsExpected'],
    learn().status(running),
    [node, worker(0).exited(0), worker(1).exited(0)],
  ],
  [
    'Failed',
    'more failures than maxRestarts (3) allows; the last: learn-w-0 crashed (exit 1) on n1',
    ['Complete=False Failed', 'Failed=True TooManyRestarts'],
    learn().status(running),
    [node, worker(0).failures(3).exited(1), worker(1).ready()],
  ],
  [
    // As when maxRestarts was lowered: what failed is cleared away.
    'Failed',
    'more failures than maxRestarts (3) allows',
    ['Complete=False Failed', 'Failed=True TooManyRestarts'],
    learn().status(running),
    [node, worker(0).failures(4).ready(), worker(1).ready()],
  ],
])('%s: %s', (phase, message, conditions, job, objects, refused) => {
  const status = statusOf(job, objects, refused);
  expect([status.phase, status.message]).toEqual([phase, message]);
  const ofLife = new Set(['Queued', 'Running']);
  const others = status.conditions!.filter(({ type }) => !ofLife.has(type));
  expect(told(others)).toEqual(['Supported=True AsExpected', ...conditions]);
});

describe('a job', () => {
  test('has started when all workers were placed once, and stays so', () => {
    expect(statusOf(learn(), [aNode('n1').cpu('1')]).startTime).toBeUndefined();
    expect(statusOf(learn(), [node]).startTime, 'the API server may yet refuse them').toBeUndefined();
    expect(statusOf(learn(), [node, worker(0).starting(), worker(1).starting()])).toMatchObject({
      startTime: '2026-01-01T12:00:00Z',
      active: 2,
      workers: 2,
    });
    const back = statusOf(learn().status(running), [node]);
    expect([back.phase, back.startTime]).toEqual(['Running', '2026-01-01T11:00:00Z']);
  });

  test('that gave way waits, and does not run; one that lacks a worker runs on', () => {
    const gaveWay = statusOf(learn().status(running), [aNode('n1').cpu('1'), worker(0).evicted()]);
    expect([gaveWay.phase, gaveWay.startTime]).toEqual(['Pending', '2026-01-01T11:00:00Z']);
    expect(statusOf(learn().status(running), [aNode('n1').cpu('1'), worker(0).ready()]).phase).toBe(
      'Running',
    );
  });

  test('counts workers that the API server does not take as waiting', () => {
    const hold = { reason: 'PodRefused', message: 'a webhook is dead', holdsLaunched: true } as const;
    const builder = aSnapshot()
      .with(learn(), node, worker(0).starting(), worker(1).launched())
      .hold('tj/training/learn', hold);
    const status = jobStatus(jobFacts(learn().build()), cycle(builder).all[0]!, NOW);
    expect(status).toMatchObject({ active: 1, message: '1 of 2 workers waiting: a webhook is dead' });
    expect(told(status.conditions)).toContain('Placed=False PodRefused');
  });

  test('is not told at length what the API server said', () => {
    const hold = { reason: 'PodRefused', message: 'no '.repeat(1000) } as const;
    const builder = aSnapshot().with(learn(), node).hold('tj/training/learn', hold);
    const { message } = jobStatus(jobFacts(learn().build()), cycle(builder).all[0]!, NOW);
    expect(message).toHaveLength(1024);
  });

  test('counts its workers over all groups', () => {
    expect(workersOf(jobFacts(learn().group(aGroup('ps').replicas(3)).build()))).toBe(5);
  });

  test('that ended keeps what it counted, and its end, when its Pods are cleaned away', () => {
    const done = statusOf(learn().status(running), [
      node,
      worker(0).failures(1).exited(0),
      worker(1).exited(0),
    ]);
    expect(done).toMatchObject({
      succeeded: 2,
      restarts: 1,
      active: 0,
      completionTime: '2026-01-01T12:00:00Z',
    });
    const known = learn().status(done);
    expect(statusOf(known, [node], false, NOW + 60_000)).toEqual(done);
  });

  test('has an equal status when nothing changed', () => {
    const first = statusOf(learn(), [node]);
    expect(statusOf(learn().status(first), [node], false, NOW + 60_000)).toEqual(first);
    const failed = [node, worker(0).failures(3).exited(1), worker(1).ready()];
    const end = statusOf(learn().status(running), failed);
    expect(statusOf(learn().status(end), failed, false, NOW + 60_000)).toEqual(end);
  });
});
