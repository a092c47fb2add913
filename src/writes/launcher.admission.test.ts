import { describe, expect, test } from 'vitest';
import { aJob, aPod, aPool } from '../../test/builders/index.ts';
import type { AskCommand, Command, CreateCommand, DeleteCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Launcher } from './launcher.ts';

const readPod = createPodReader();
const quiet = () => {};
const arena = aPool('arena').cpu('1');
const learn = aJob('learn');
const framework = { id: 'gsp/games/arena', kind: 'GameServerPool', key: 'games/arena' } as const;
const gang = { id: 'tj/games/learn', kind: 'TrainingJob', key: 'games/learn' } as const;

const create = (slot: number): CreateCommand => ({
  kind: 'create',
  framework,
  pod: aPod(`arena-${slot}`).ofPool(arena, slot).on('n1').cpu('1').build() as CreateCommand['pod'],
  after: undefined,
  admissionKey: 'arena',
  counted: undefined,
});
const worker = (group: string): CreateCommand => ({
  ...create(0),
  framework: gang,
  pod: aPod(`learn-${group}`).ofJob(learn, group, 0).on('n1').cpu('1').build() as CreateCommand['pod'],
  admissionKey: group,
});
const ask: AskCommand = { kind: 'ask', framework, admissionKey: 'arena', pod: create(0).pod };

const withCpu = (pod: Pod, cpu: string): Pod => ({
  ...pod,
  spec: { ...pod.spec, containers: [{ name: 'main', resources: { requests: { cpu } } }] },
});
const refusal = new KubeError({ kind: 'forbidden', status: 403, message: 'exceeded quota' });
const noDryRun = new KubeError({
  kind: 'invalid',
  status: 400,
  message: 'create pods games: admission webhook "x" does not support dry run (HTTP 400)',
});

/** A launcher whose API server makes of each Pod what `make` says, and tells what reached it. */
function aLauncher(make: (sent: Pod, isDryRun: boolean) => Pod) {
  const assumed = new AssumedPods();
  const log: string[] = [];
  let now = 0;
  const request = ({ method, path, query, body }: KubeRequest) => {
    if (method === 'DELETE') log.push(`delete ${path.split('/').at(-1)}`);
    if (method !== 'POST') return Promise.resolve({});
    const sent = body as Pod;
    const isDryRun = query?.['dryRun'] === 'All';
    log.push(isDryRun ? 'ask' : sent.metadata.name);
    return Promise.resolve().then(() => make(sent, isDryRun));
  };
  const launcher = new Launcher({
    client: { request } as unknown as KubeClient,
    assumed,
    readPod,
    clock: { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() },
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayWrite: () => true,
    concurrency: 8,
    onOutcome: ({ kind }, outcome) => {
      if (outcome.kind === 'refused' || outcome.kind === 'stale') log.push(`${kind} ${outcome.kind}`);
    },
    onTrouble: quiet,
    onLearned: (_, changes) => log.push(`learned: ${changes?.join() ?? 'at first'}`),
  });
  return {
    launcher,
    /** Gives a plan, waits until all that comes of it is done, and says what that was. */
    submit: async (...commands: readonly Command[]): Promise<string[]> => {
      launcher.submit(commands);
      // Nothing here takes time: when the loop comes round all promises have been served.
      await new Promise((resolve) => setImmediate(resolve));
      return log.splice(0);
    },
    assumed: () => Array.from(assumed.overlay([]), ({ name, requests }) => `${name} ${requests['cpu']}`),
    later: (ms: number) => void (now += ms),
    cpuOf: (key: string) => launcher.admitted().get(key)?.admission?.demand['cpu'],
  };
}

describe('creates of a class', () => {
  test('of which nothing is known wait for one question, and all go when it changes nothing', async () => {
    const { submit, assumed } = aLauncher((sent) => sent);
    expect(await submit(create(0), create(1))).toEqual(['ask', 'learned: at first', 'arena-0', 'arena-1']);
    expect(assumed()).toEqual(['arena-0 1000', 'arena-1 1000']);
  });

  test('go at once within a second of an answer, and wait for another question after it', async () => {
    const { submit, later } = aLauncher((sent) => sent);
    await submit(ask);
    later(999);
    expect(await submit(create(0))).toEqual(['arena-0']);
    later(999);
    expect(await submit(create(1)), 'a create is an answer, too').toEqual(['arena-1']);
    later(1000);
    expect(await submit(create(2), create(3))).toEqual(['ask', 'arena-2', 'arena-3']);
  });

  test('are given up when the answer is not what they were placed by, and their room is free', async () => {
    let cpu = '1';
    const { submit, later, assumed, cpuOf } = aLauncher((sent) => withCpu(sent, cpu));
    await submit(ask);
    later(5000);
    cpu = '3';
    expect(await submit(create(0), create(1))).toEqual(['ask', 'learned: resource requests']);
    expect(assumed()).toEqual([]);
    expect(cpuOf('arena')).toBe(3000);
  });

  test('that were not sent are given up when a Pod comes back as something else; of the next plan one goes first', async () => {
    let cpu = '1';
    const { submit, assumed } = aLauncher((sent, isDryRun) => withCpu(sent, isDryRun ? '1' : cpu));
    await submit(ask);
    cpu = '3';
    const many = Array.from({ length: 20 }, (_, slot) => create(slot));
    const log = await submit(...many);
    expect(
      log.filter((line) => line.startsWith('arena-')),
      'those in flight',
    ).toHaveLength(8);
    expect(log).toContain('learned: resource requests');
    expect(assumed().every((line) => line.endsWith(' 3000'))).toBe(true);
    cpu = '2';
    expect(await submit(create(8), create(9))).toEqual(['arena-8', 'learned: resource requests']);
  });

  test('are refused by the question as by themselves', async () => {
    const { submit, assumed } = aLauncher(() => {
      throw refusal;
    });
    expect(await submit(create(0), create(1))).toEqual(['ask', 'ask refused']);
    expect(assumed()).toEqual([]);
    expect(await submit(create(0)), 'the next plan asks again').toEqual(['ask', 'ask refused']);
  });
});

describe('where the API server cannot be asked', () => {
  const mute = (cpu: string) =>
    aLauncher((sent, isDryRun) => {
      if (isDryRun) throw noDryRun;
      return withCpu(sent, cpu);
    });

  test('one create goes first, and the others when it came back as it was sent', async () => {
    const { submit } = mute('1');
    const [first, second, ...others] = await submit(create(0), create(1), create(2));
    expect([first, second]).toEqual(['ask', 'arena-0']);
    expect(others).toEqual(['learned: at first', 'arena-1', 'arena-2']);
  });

  test('one create goes first, and the others are given up when it came back as something else', async () => {
    const { submit, assumed } = mute('3');
    expect(await submit(create(0), create(1), create(2))).toEqual(['ask', 'arena-0', 'learned: at first']);
    expect(assumed()).toEqual(['arena-0 3000']);
  });
});

describe('a gang', () => {
  test('is made when all its groups are answered for', async () => {
    const { submit } = aLauncher((sent) => sent);
    const log = await submit(worker('w'), worker('v'));
    expect(log.filter((line) => !line.startsWith('learned'))).toEqual(['ask', 'ask', 'learn-w', 'learn-v']);
  });

  test('is not made at all when one group becomes something else', async () => {
    let cpu = '1';
    const { submit, later, assumed } = aLauncher((sent) =>
      sent.metadata.labels?.['proffer.dev/group'] === 'v' ? withCpu(sent, cpu) : sent,
    );
    await submit(worker('w'), worker('v'));
    later(5000);
    cpu = '3';
    const before = assumed();
    const log = await submit(worker('w'), worker('v'));
    expect(log.filter((line) => line.startsWith('learn-'))).toEqual([]);
    expect(before).toHaveLength(2);
  });
});

test('a Pod that carries a count of failures goes after the Pod that takes it over, or stays', async () => {
  const gone: DeleteCommand = {
    kind: 'delete',
    framework,
    namespace: 'games',
    name: 'arena-0',
    uid: 'u',
    resourceVersion: '1',
    reason: 'Replaced',
    signal: 'Crashed',
  };
  let cpu = '1';
  const { submit, later } = aLauncher((sent) => withCpu(sent, cpu));
  expect(await submit(create(1), gone)).toEqual(['ask', 'learned: at first', 'arena-1', 'delete arena-0']);
  later(5000);
  cpu = '3';
  expect(await submit(create(1), gone)).toEqual(['ask', 'learned: resource requests']);
});

test('with the end of leadership all is forgotten', async () => {
  const { submit, launcher } = aLauncher((sent) => sent);
  await submit(ask);
  launcher.abort();
  expect(launcher.admitted().size).toBe(0);
  expect(await submit(create(0))).toEqual(['ask', 'learned: at first', 'arena-0']);
});

test('classes that are gone are forgotten', async () => {
  const { submit, launcher } = aLauncher((sent) => sent);
  await submit(ask, worker('w'));
  launcher.keepAdmitted(new Set(['w']));
  expect([...launcher.admitted().keys()]).toEqual(['w']);
});

test('a question that meets a Pod of that name is asked anew by a later plan', async () => {
  const { submit, assumed } = aLauncher(() => {
    throw new KubeError({ kind: 'alreadyExists', status: 409, message: 'exists' });
  });
  expect(await submit(create(0), create(1))).toEqual(['ask', 'ask stale']);
  expect(assumed()).toEqual([]);
  expect(await submit(create(0))).toEqual(['ask', 'ask stale']);
});
