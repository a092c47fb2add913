import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  NOW,
  type Buildable,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { buildSnapshot } from '../../world/world.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { DRIVERS } from '../drivers.ts';

const learn = () => aJob('learn').group(aGroup('ps'), aGroup('worker').replicas(2));
const identity = learn();
const worker = (slot: number, name = `learn-worker-${slot}`) =>
  aPod(name).ofJob(identity, 'worker', slot).on('n1');
const ps = () => aPod('learn-ps-0').ofJob(identity, 'ps', 0).on('n1').ready();
const cluster = (...objects: Buildable[]) => aSnapshot().with(aNode('n1'), aNode('n2'), ...objects);
const read = (...objects: Buildable[]): Framework => cluster(...objects).build().frameworks[0]!;
const pending = (f: Framework) =>
  f.classes.flatMap((c) => Array.from(c.pending, ({ name, failures, after }) => [name, failures, after]));
const removals = (f: Framework) => f.removals.map(({ pod, reason, signal }) => [pod.name, reason, signal]);

describe('the workers of a job', () => {
  test('are all wanted at the start, group by group', () => {
    const job = read(learn());
    expect(job).toMatchObject({ id: 'tj/training/learn', role: 'training', gang: true, completed: 0 });
    expect(job.classes.map((c) => [c.group, c.scheduling])).toEqual([
      ['ps', 'Packed'],
      ['worker', 'Packed'],
    ]);
    expect(pending(job)).toEqual([
      ['learn-ps-0', 0, undefined],
      ['learn-worker-0', 0, undefined],
      ['learn-worker-1', 0, undefined],
    ]);
  });

  test('that ended well are done, stay, and are never set to work again', () => {
    const job = read(learn(), ps(), worker(0).exited(0, 1, 1), worker(1).ready());
    expect([job.completed, job.live.length, job.ready]).toEqual([1, 2, 2]);
    expect([pending(job), removals(job)]).toEqual([[], []]);
  });

  test('that failed are recreated after their back-off, and each failure counts', () => {
    const pods = [worker(0).exited(1, 0, 9000), worker(1).failures(2).exited(1, 1)];
    const job = read(learn().maxRestarts(4), ps(), ...pods);
    expect(pending(job)).toEqual([['learn-worker-0-r1', 1, 'Crashed']]);
    expect([job.failures, job.backingOff, job.wakeAt, job.exhausted]).toEqual([4, 1, NOW + 1000, false]);
  });

  test('carry their count through a deletion that nobody blames them for', () => {
    const job = read(
      learn(),
      ps(),
      worker(0).failures(2).ready().deleting(),
      worker(1).failures(1).failed('Evicted'),
    );
    expect(pending(job)).toEqual([
      ['learn-worker-0-r1', 2, 'Deleting'],
      ['learn-worker-1-r1', 1, 'Evicted'],
    ]);
    expect([job.failures, job.exhausted]).toEqual([3, false]);
  });

  test('that we sent away are placed again, and that recovers nothing', () => {
    const inputs = cluster(learn(), ps(), worker(0).deleting(), worker(1).ready()).inputs();
    const pods = [...inputs.pods].map((pod) => ({ ...pod, dismissed: pod.name === 'learn-worker-0' }));
    const [job] = buildSnapshot({ ...inputs, pods }, DRIVERS).frameworks;
    expect(pending(job!)).toEqual([['learn-worker-0-r1', 0, undefined]]);
  });

  test('count a failure once, for the failed Pod and the one in its place', () => {
    const pods = [worker(0).created(60).exited(1, 9), worker(0, 'learn-worker-0-r1').failures(1).starting()];
    const job = read(learn(), ps(), ...pods, worker(1).ready());
    expect([job.failures, pending(job)]).toEqual([1, []]);
    expect(removals(job)).toEqual([['learn-worker-0', 'Replaced', 'Crashed']]);
  });

  test('that are two in one slot become one: the ready one, then the oldest', () => {
    const old = worker(0).created(500).starting();
    const fit = worker(0, 'learn-worker-0-r1').created(100).ready();
    const young = worker(0, 'learn-worker-0-r2').created(10).starting();
    for (const pods of [
      [old, fit, young],
      [young, fit, old],
    ]) {
      const job = read(learn(), ps(), worker(1).ready(), ...pods);
      expect(removals(job)).toEqual([
        ['learn-worker-0', 'ScaledDown', undefined],
        ['learn-worker-0-r2', 'ScaledDown', undefined],
      ]);
      expect(job.live.map((p) => p.name)).toContain('learn-worker-0-r1');
    }
  });

  test('that lost a helper go on with their work, and say so; those of a lost node do not', () => {
    const failed = { terminated: { exitCode: 1 } };
    const lame = worker(0).starting().helper('log', failed);
    const job = read(learn(), ps(), lame, worker(1).ready());
    expect([pending(job), removals(job), job.failures]).toEqual([[], [], 0]);
    expect(job.stuck).toBe('learn-worker-0: container log ended (exit 1)');
    expect(pending(read(learn(), ps(), lame.on('gone'), worker(1).ready()))).toEqual([
      ['learn-worker-0-r1', 0, 'NodeGone'],
    ]);
  });

  test('that do what is done already are let go', () => {
    const job = read(
      learn(),
      ps(),
      worker(0).exited(0),
      worker(0, 'learn-worker-0-r1').ready(),
      worker(1).ready(),
    );
    expect([job.completed, job.live.map((p) => p.name)]).toEqual([1, ['learn-ps-0', 'learn-worker-1']]);
    expect(removals(job)).toEqual([['learn-worker-0-r1', 'ScaledDown', undefined]]);
  });

  test('leave a lost node', () => {
    const job = cluster(learn(), ps().on('n2'), worker(0).ready(), worker(1).on('n2').ready())
      .health('n1', { unfitMs: 20_000 })
      .build().frameworks[0]!;
    expect(pending(job)).toEqual([['learn-worker-0-r1', 0, 'NodeLost']]);
    expect(job.failures).toBe(0);
  });
});

describe('a job that failed too often', () => {
  const failed = () => worker(0).failures(3).exited(1, 60);

  test('goes on as long as the count is within its bounds', () => {
    expect(read(learn().maxRestarts(4), ps(), failed(), worker(1).ready())).toMatchObject({
      exhausted: false,
    });
  });

  test('sets nobody to work any more', () => {
    const job = read(learn().maxRestarts(3), ps(), failed());
    expect([job.exhausted, pending(job), job.backingOff, job.wakeAt]).toEqual([true, [], 0, Infinity]);
  });

  test('keeps its workers, which carry the count, until its status says that it failed', () => {
    expect(removals(read(learn(), ps(), failed(), worker(1).ready()))).toEqual([]);
    const over = read(learn().status({ phase: 'Failed' }), ps(), failed(), worker(1).ready());
    expect(removals(over)).toEqual([
      ['learn-ps-0', 'JobEnded', undefined],
      ['learn-worker-1', 'JobEnded', undefined],
    ]);
  });
});

test.each(['Succeeded', 'Failed'])('a job that %s stays ended when its Pods are cleaned away', (phase) => {
  const job = read(learn().status({ phase }));
  expect([pending(job), job.wakeAt]).toEqual([[], Infinity]);
});

test('a job that ended lets everybody go, second ones too', () => {
  const twice = [worker(0).ready(), worker(0, 'learn-worker-0-r1').ready()];
  const job = read(learn().status({ phase: 'Succeeded' }), ...twice);
  expect(removals(job).map(([name, reason]) => [name, reason])).toEqual([
    ['learn-worker-0', 'JobEnded'],
    ['learn-worker-0-r1', 'JobEnded'],
  ]);
});

test('a job that ended lets go of a Pod whose helper runs on, and not of one whose kubelet has yet to say that it is over', () => {
  const yetRunning = (pod: PodBuilder) => {
    const raw = pod.exited(0).build();
    pod.build = () => ({ ...raw, status: { ...raw.status, phase: 'Running' } });
    return pod;
  };
  const over = learn().status({ phase: 'Succeeded' });
  expect(removals(read(over, yetRunning(worker(0))))).toEqual([]);
  expect(removals(read(over, yetRunning(worker(0).helper('proxy', { running: {} }))))).toEqual([
    ['learn-worker-0', 'JobEnded', undefined],
  ]);
});
