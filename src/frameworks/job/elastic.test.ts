import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  NOW,
  type Buildable,
  type JobBuilder,
} from '../../../test/builders/index.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { atOnce } from '../../lib/steps.ts';
import { formatTime } from '../../lib/time.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';
import { makePlan } from '../../plan/plan.ts';
import type { PodManifest } from '../../plan/pod.ts';
import { DRIVERS } from '../drivers.ts';
import { jobDriver } from './driver.ts';
import { jobFacts } from './facts.ts';

const before = (seconds: number): string => formatTime(NOW - seconds * 1000);
/** 2 to 6 workers of a cpu each; it has had so many since so many seconds. */
const learn = (runtime = 'PyTorch', has?: number, since = 1000, status: TrainingJobStatus = {}) =>
  aJob('learn')
    .field('runtime', runtime)
    .group(aGroup('w').replicas(6).cpu('1').field('minReplicas', 2))
    .status({
      ...(has === undefined ? {} : { elastic: { workers: has, changeTime: before(since) } }),
      ...(has === undefined ? {} : { phase: 'Running', startTime: before(3600) }),
      ...status,
    });
const worker = (slot: number, node = 'n1') =>
  aPod(`learn-w-${slot}`).ofJob(learn(), 'w', slot).on(node).cpu('1').ready();
const workers = (count: number) => Array.from({ length: count }, (_, slot) => worker(slot));
const told = (count: number, of: number) =>
  workers(count).map((pod) => pod.annotation('proffer.dev/workers', String(of)));
const node = (cpu: number, name = 'n1') => aNode(name).cpu(String(cpu));

function play(...objects: Buildable[]) {
  const { snapshot, allocation, all } = cycle(aSnapshot().with(...objects));
  const commands = atOnce(makePlan(snapshot, allocation, DRIVERS));
  const made = commands.flatMap((c): PodManifest[] => (c.kind === 'create' ? [c.pod] : []));
  return {
    commands: commands.flatMap((c) =>
      c.kind === 'create'
        ? [`create ${c.pod.metadata.name}`]
        : c.kind === 'evict' || c.kind === 'delete'
          ? [`${c.kind} ${c.name}`]
          : [],
    ),
    made,
    all,
    framework: all[0]!.framework,
  };
}
const planned = (...objects: Buildable[]) => play(...objects).commands;
const statusOf = (job: JobBuilder, ...others: Buildable[]) => {
  const facts = jobFacts(job.build());
  const told = jobDriver.status(facts, play(job, ...others).all[0]!, undefined as never, NOW);
  return told!.status as TrainingJobStatus;
};
const variable = (pod: PodManifest | undefined, name: string) =>
  (pod?.spec.containers[0]!.env ?? []).flatMap((each) =>
    each.name === name && 'value' in each ? [String(each.value)] : [],
  )[0];

describe('an elastic group starts', () => {
  test.each([
    [8, 6],
    [6, 6],
    [4, 4],
    [2, 2],
    [1, 0],
  ])('where %i fit with %i of 2 to 6 workers, in the lowest ranks', (cpu, count) => {
    const expected = Array.from({ length: count }, (_, slot) => `create learn-w-${slot}`);
    expect(planned(node(cpu), learn())).toEqual(expected);
  });

  test('and waits for the least number alone', () => {
    const { all } = play(node(1), learn());
    expect(all[0]).toMatchObject({ waiting: 2 });
    expect(all[0]!.held!.message).toContain('1 of 2 workers fit');
    expect(play(node(4), learn()).all[0]).toMatchObject({ waiting: 0, launched: 4 });
  });

  test('as far as quota goes', () => {
    const role = aRole('training').limit({ cpu: '3' });
    expect(planned(node(8), role, learn())).toHaveLength(3);
    expect(planned(node(8), aRole('training').limit({ cpu: '1' }), learn())).toEqual([]);
  });

  test('after the groups before it, which all have to be there', () => {
    const job = aJob('learn').group(
      aGroup('lead').replicas(2).cpu('1'),
      aGroup('w').replicas(3).cpu('1').field('minReplicas', 1),
    );
    expect(planned(node(2), job)).toEqual([]);
    expect(planned(node(4), job)).toEqual([
      'create learn-lead-0',
      'create learn-lead-1',
      'create learn-w-0',
      'create learn-w-1',
    ]);
    const { made } = play(node(4), job.field('runtime', 'JAX'));
    expect(made.map((pod) => variable(pod, 'JAX_NUM_PROCESSES'))).toEqual(['4', '4', '4', '4']);
    expect(made.map((pod) => variable(pod, 'JAX_PROCESS_ID'))).toEqual(['0', '1', '2', '3']);
    expect(made.map((pod) => variable(pod, 'PROFFER_WORLD_SIZE'))).toEqual(['4', '4', '4', '4']);
  });

  test('after those that it waits for, which have begun by themselves', () => {
    const job = aJob('learn').group(
      aGroup('lead').cpu('1'),
      aGroup('w')
        .replicas(3)
        .cpu('1')
        .field('minReplicas', 1)
        .field('dependsOn', [{ group: 'lead' }]),
    );
    const lead = aPod('learn-lead-0').ofJob(job, 'lead', 0).on('n1').cpu('1').starting();
    expect(statusOf(job, node(4), lead).startTime).toBe(formatTime(NOW));
  });

  test('and tells torchrun how many there may be, and others how many there are', () => {
    const torch = play(node(4), learn()).made[3];
    expect(variable(torch, 'PET_NNODES')).toBe('2:6');
    expect(variable(torch, 'PET_MAX_RESTARTS')).toBe('1000');
    expect(variable(torch, 'WORLD_SIZE')).toBe('4');
    expect(torch!.metadata.annotations).toMatchObject({ 'proffer.dev/workers': '6' });
    const tensor = play(node(4), learn('TensorFlow')).made[0];
    expect(JSON.parse(variable(tensor, 'TF_CONFIG')!).cluster.w).toHaveLength(4);
    expect(tensor!.metadata.annotations).toMatchObject({ 'proffer.dev/workers': '4' });
    const none = play(node(4), learn('None')).made[0];
    expect(none!.metadata.annotations).not.toHaveProperty(['proffer.dev/workers']);
  });
});

describe('an elastic group grows', () => {
  test('when it rested for its time, by as many as fit', () => {
    expect(planned(node(5), learn('PyTorch', 2), ...workers(2))).toEqual([
      'create learn-w-2',
      'create learn-w-3',
      'create learn-w-4',
    ]);
    expect(planned(node(5), learn('PyTorch', 2, 299), ...workers(2))).toEqual([]);
    expect(planned(node(5), learn('PyTorch', 2, 300), ...workers(2))).toHaveLength(3);
    const soon = learn('PyTorch', 2, 299);
    expect(play(node(5), soon, ...workers(2)).framework.wakeAt).toBe(NOW + 1000);
  });

  test('never before its status tells of the size that it has', () => {
    expect(planned(node(5), learn('PyTorch', 3), ...workers(2))).toEqual([]);
    expect(planned(node(5), learn(), ...workers(2))).toEqual([]);
    expect(statusOf(learn('PyTorch', 3), node(5), ...workers(2))).toMatchObject({
      elastic: { workers: 2, changeTime: formatTime(NOW) },
      size: '2/6',
    });
    expect(statusOf(learn('PyTorch', 2, 9), node(5), ...workers(2)).elastic!.changeTime).toBe(before(9));
  });

  test('for nobody who would have to be evicted, and nobody waits meanwhile', () => {
    const other = aPool('other').namespace('training').replicas(3).cpu('1').priority(-1);
    const theirs = [0, 1, 2].map((i) => aPod(`other-${i}`).ofPool(other, i).on('n1').cpu('1').ready());
    const job = learn('PyTorch', 2);
    const { commands, all } = play(node(5), aRole('training'), job, other, ...theirs, ...workers(2));
    expect(commands).toEqual([]);
    const mine = all.find(({ framework }) => framework.kind === 'TrainingJob')!;
    expect(mine).toMatchObject({ waiting: 0, held: undefined });
  });

  test('no more when one of them is done', () => {
    const done = worker(0).exited(0, 5).tracked();
    expect(planned(node(8), learn('PyTorch', 2), done, worker(1))).toEqual([]);
  });

  test('by a restart of all where they are told their number, once there is room', () => {
    const status = (cpu: number) => statusOf(learn('JAX', 3), node(cpu), ...told(3, 3));
    expect(status(3).restart).toBeUndefined();
    expect(status(5).restart).toMatchObject({ attempt: 1, failures: 0, reason: 'room for 2 more workers' });
    expect(planned(node(5), learn('JAX', 3), ...told(3, 3))).toEqual([]);
    const again = (since: number) => {
      const restart = { attempt: 1, failures: 0, reason: '', startTime: before(since) };
      const pods = told(3, 3).map((pod) => pod.annotation('proffer.dev/attempt', '1'));
      return statusOf(learn('JAX', 3, 1000, { restart }), node(5), ...pods).restart!.attempt;
    };
    expect([again(299), again(300)], 'a restart is a change too').toEqual([1, 2]);
  });
});

describe('an elastic group under pressure', () => {
  const server = (count: number) =>
    aPool('arena').namespace('training').replicas(count).cpu('1').priority(10);
  const crowd = (count: number, ...pods: Buildable[]) =>
    planned(node(4), aRole('training'), learn('PyTorch', 4), server(count), ...pods);

  test('gives its highest ranks first, as many as are asked for', () => {
    expect(crowd(1, ...workers(4))).toEqual(['evict learn-w-3']);
    expect(crowd(2, ...workers(4))).toEqual(['evict learn-w-3', 'evict learn-w-2']);
  });

  test('gives them first wherever they run', () => {
    const nodes = ['n1', 'n2', 'n3', 'n4'].map((name) => node(1, name));
    const pods = [0, 3, 1, 2].map((slot, i) => worker(slot, `n${i + 1}`));
    const gone = planned(...nodes, aRole('training'), learn('PyTorch', 4), server(1), ...pods);
    expect(gone).toEqual(['evict learn-w-3']);
  });

  test('goes as a whole when that is not enough', () => {
    const all = ['evict learn-w-0', 'evict learn-w-1', 'evict learn-w-2', 'evict learn-w-3'];
    expect(crowd(3, ...workers(4)).toSorted()).toEqual(all);
  });

  test('goes as a whole where a node is needed on which it has none to spare', () => {
    const pool = server(1).nodeSelector('disk', 'ssd');
    const nodes = [node(1, 'n1').label('disk', 'ssd'), node(3, 'n2')];
    const pods = [worker(0, 'n1'), worker(1, 'n2'), worker(2, 'n2'), worker(3, 'n2')];
    const gone = planned(...nodes, aRole('training'), learn('PyTorch', 4), pool, ...pods);
    expect(gone).toHaveLength(4);
  });

  test('goes on when one of torchrun is lost, and rests', () => {
    const gone = [...workers(3), worker(3).evicted()];
    const { framework, commands } = play(node(8), learn('PyTorch', 4), ...gone);
    expect(commands).toEqual([]);
    expect(framework).toMatchObject({ gang: false, removals: [] });
    expect(statusOf(learn('PyTorch', 4), node(8), ...gone)).toMatchObject({ size: '3/6' });
    expect(statusOf(learn('PyTorch', 4), node(8), ...gone).restart).toBeUndefined();
  });

  test('starts again when the first of torchrun is lost, which the others meet at', () => {
    const gone = [worker(0).evicted(), ...workers(4).slice(1)];
    expect(statusOf(learn('PyTorch', 4), node(8), ...gone).restart).toMatchObject({ attempt: 1 });
  });

  test.each(['JAX', 'TensorFlow'])('starts again in the size that fits: %s', (runtime) => {
    const gone = [...told(3, 4), worker(3).annotation('proffer.dev/workers', '4').evicted()];
    const { restart } = statusOf(learn(runtime, 4), node(4), ...gone);
    expect(restart).toMatchObject({ attempt: 1, failures: 0 });
    const again = learn(runtime, 0, 9, { restart: { ...restart!, startTime: before(9) } });
    const { made } = play(node(3), again);
    expect(made.map(({ metadata }) => metadata.name)).toEqual([
      'learn-w-0-a1',
      'learn-w-1-a1',
      'learn-w-2-a1',
    ]);
    expect(made[0]!.metadata.annotations).toMatchObject({ 'proffer.dev/workers': '3' });
  });

  test('starts again when one is gone without a trace', () => {
    const { restart } = statusOf(learn('JAX', 4), node(4), ...told(3, 4));
    expect(restart).toMatchObject({ attempt: 1, failures: 0, reason: '1 of 4 of w gone' });
    // Some are not made yet, since their operator died.
    expect(statusOf(learn('JAX', 0), node(4), ...told(3, 4)).restart).toBeUndefined();
  });

  test('places one that its kubelet refused among as many as they were told', () => {
    const refused = worker(2).annotation('proffer.dev/workers', '3').failed('OutOfcpu');
    const { made } = play(node(8), learn('JAX', 3), ...told(2, 3), refused);
    expect(made.map((pod) => variable(pod, 'JAX_NUM_PROCESSES'))).toEqual(['3']);
  });
});

describe('replicas of an elastic group that were changed', () => {
  test('let the highest ranks go', () => {
    const pods = [6, 7].map((slot) => worker(slot));
    expect(planned(node(8), learn('None', 8), ...workers(6), ...pods)).toEqual([
      'delete learn-w-6',
      'delete learn-w-7',
    ]);
  });

  test('have all start again that were told otherwise', () => {
    const reason = 'replicas of w is 6 now';
    expect(statusOf(learn('JAX', 7), node(8), ...told(7, 7)).restart).toMatchObject({ attempt: 1, reason });
    expect(statusOf(learn('PyTorch', 4), node(8), ...told(4, 4)).restart).toMatchObject({ reason });
    expect(statusOf(learn('PyTorch', 4), node(8), ...told(4, 8)).restart).toBeUndefined();
  });
});

describe('an elastic group ends', () => {
  const done = (slot: number) => worker(slot).exited(0, 5).tracked();

  test('when all that there are have succeeded', () => {
    expect(statusOf(learn('PyTorch', 3), node(8), done(0), done(1), done(2))).toMatchObject({
      phase: 'Succeeded',
      succeeded: 3,
    });
    expect(statusOf(learn('PyTorch', 3), node(8), done(0), done(1), worker(2)).phase).toBe('Running');
    expect(statusOf(learn('PyTorch', 3), node(8), done(0)).phase).not.toBe('Succeeded');
  });

  test('not while one that was told their number is missing', () => {
    const three = [done(0), done(1)].map((pod) => pod.annotation('proffer.dev/workers', '3'));
    expect(statusOf(learn('JAX', 3), node(8), ...three).phase).not.toBe('Succeeded');
  });
});
