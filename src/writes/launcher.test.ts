import { describe, expect, test } from 'vitest';
import { aPod, aPool } from '../../test/builders/index.ts';
import type { BindCommand, CreateCommand, DeleteCommand } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { atOnce } from '../lib/steps.ts';
import { AssumedPods } from './assumed.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Launcher, type LauncherOptions } from './launcher.ts';

const readPod = createPodReader();
const quiet = () => {};

/** A launcher whose API server answers by a function; it never does when left out. */
function launcher(
  assumed: AssumedPods,
  request: () => Promise<unknown> = () => new Promise(quiet),
  onOutcome: LauncherOptions['onOutcome'] = quiet,
  more: Partial<LauncherOptions> = {},
): Launcher {
  return new Launcher({
    client: { request } as unknown as KubeClient,
    assumed,
    readPod,
    clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayWrite: () => true,
    concurrency: 1,
    onOutcome,
    onTrouble: quiet,
    onLearned: quiet,
    ...more,
  });
}

test.each<[DeleteCommand['reason'], dismissed: boolean]>([
  ['ScaledDown', true],
  ['GangIncomplete', true],
  ['JobEnded', true],
  // It failed, and is cleared away.
  ['Replaced', false],
])('a Pod that goes because of %s counts as going at once; dismissed: %s', (reason, dismissed) => {
  const pod = readPod(aPod('p').namespace('a').on('n1').build());
  const assumed = new AssumedPods();
  const steps = launcher(assumed).submit([
    {
      kind: 'delete',
      framework: { id: 'gsp/a/b', kind: 'GameServerPool', key: 'a/b' },
      namespace: 'a',
      name: 'p',
      uid: pod.uid,
      resourceVersion: pod.resourceVersion,
      reason,
      signal: undefined,
    },
  ]);
  atOnce(steps);
  expect([...assumed.overlay([pod])]).toEqual([{ ...pod, deleting: true, dismissed, ordered: true }]);
});

describe('bindings', () => {
  const waiting = (name: string) => readPod(aPod(name).namespace('a').customer().build());
  const bind = (name: string, id: string): BindCommand => ({
    kind: 'bind',
    framework: { id, kind: 'Pods', key: 'a/x' },
    namespace: 'a',
    name,
    uid: waiting(name).uid,
    node: 'n1',
  });
  const pods = ['p', 'q', 'r', 'other'].map(waiting);
  const nodes = (assumed: AssumedPods) => [...assumed.overlay(pods)].map(({ node }) => node);
  const commands = [
    bind('p', 'job/a/x'),
    bind('q', 'job/a/x'),
    bind('r', 'job/a/x'),
    bind('other', 'pod/a/y'),
  ];

  test('count at once', () => {
    const assumed = new AssumedPods();
    atOnce(launcher(assumed).submit(commands));
    expect(nodes(assumed)).toEqual(['n1', 'n1', 'n1', 'n1']);
  });

  test('that are queued are given up when one of their framework is refused; those of others are sent', async () => {
    const assumed = new AssumedPods();
    const refusal = new KubeError({ kind: 'forbidden', message: 'no' });
    const answers = [() => Promise.reject(refusal), () => Promise.resolve({})];
    const told: string[] = [];
    const done = Promise.withResolvers<void>();
    const onOutcome: LauncherOptions['onOutcome'] = (command, { kind }) => {
      told.push(`${'name' in command ? command.name : ''} ${kind}`);
      if (told.length === 2) done.resolve();
    };
    atOnce(launcher(assumed, () => answers.shift()!(), onOutcome).submit(commands));
    await done.promise;
    expect(told).toEqual(['p refused', 'other done']);
    expect(nodes(assumed)).toEqual([undefined, undefined, undefined, 'n1']);
  });

  test('of a long queue are all sent, in their order, and what comes meanwhile after them', async () => {
    const names = Array.from({ length: 2500 }, (_, i) => `p${i}`);
    const [told, done] = [[] as string[], Promise.withResolvers<void>()];
    const onOutcome: LauncherOptions['onOutcome'] = (command) => {
      told.push('name' in command ? command.name : '');
      if (told.length === 10) atOnce(writes.submit([bind('last', 'job/a/x')]));
      if (told.at(-1) === 'last') done.resolve();
    };
    const writes = launcher(new AssumedPods(), () => Promise.resolve({}), onOutcome);
    atOnce(writes.submit(names.map((name) => bind(name, 'job/a/x'))));
    await done.promise;
    expect(told).toEqual([...names, 'last']);
  });

  test('of others are sent when a listener fails on one, and that is logged', async () => {
    const assumed = new AssumedPods();
    const done = Promise.withResolvers<void>();
    const logged: object[] = [];
    const onOutcome: LauncherOptions['onOutcome'] = (command) => {
      if (command.framework.id === 'job/a/x') throw new Error('a fault');
      done.resolve();
    };
    const log = { debug: quiet, info: quiet, warn: quiet, error: (fields: object) => logged.push(fields) };
    atOnce(launcher(assumed, () => Promise.resolve({}), onOutcome, { log }).submit(commands));
    await done.promise;
    expect(nodes(assumed)).toEqual(['n1', 'n1', 'n1', 'n1']);
    expect(logged[0]).toMatchObject({ framework: 'job/a/x', error: 'a fault' });
  });

  test('that may not go out any more count no more, and nobody is told of a refusal', async () => {
    const assumed = new AssumedPods();
    const done = Promise.withResolvers<string>();
    const fenced = () => Promise.reject(new KubeError({ kind: 'fenced', message: 'not the leader' }));
    atOnce(launcher(assumed, fenced, (_, { kind }) => done.resolve(kind)).submit([bind('p', 'job/a/x')]));
    expect(await done.promise).toBe('stale');
    expect(nodes(assumed)[0]).toBeUndefined();
  });
});

test('a Pod that was made counts on when taking in what became of it fails', async () => {
  const made = (cpu: string) =>
    aPod('p').ofPool(aPool('b').namespace('a'), 0).on('n1').cpu(cpu).build() as CreateCommand['pod'];
  const pod = made('1');
  const create: CreateCommand = {
    kind: 'create',
    framework: { id: 'gsp/a/b', kind: 'GameServerPool', key: 'a/b' },
    pod,
    after: undefined,
    admissionKey: 'b',
    counted: undefined,
  };
  const assumed = new AssumedPods();
  const outcomes: string[] = [];
  const done = Promise.withResolvers<void>();
  // The question comes back first, then the Pod, of which something else was made.
  const answers = [pod, made('2')];
  const onLearned: LauncherOptions['onLearned'] = (_, changes) => {
    if (changes) throw new Error('a fault');
  };
  const onOutcome: LauncherOptions['onOutcome'] = (command, { kind }) => {
    outcomes.push(`${command.kind} ${kind}`);
    if (command.kind === 'create') done.resolve();
  };
  atOnce(
    launcher(assumed, () => Promise.resolve(answers.shift()), onOutcome, { onLearned }).submit([create]),
  );
  await done.promise;
  expect(outcomes).toEqual(['ask done', 'create done']);
  expect([...assumed.overlay([])].map(({ name }) => name)).toEqual(['p']);
});
