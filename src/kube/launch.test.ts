import { describe, expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import type { BindCommand, DeleteCommand } from '../plan/command.ts';
import { admissionOf } from '../snapshot/admission.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { Launcher, type LauncherOptions } from './launch.ts';

const readPod = createPodReader();
const quiet = () => {};

/** A launcher whose API server answers by a function; it never does when left out. */
function launcher(
  assumed: AssumedPods,
  request: () => Promise<unknown> = () => new Promise(quiet),
  onOutcome: LauncherOptions['onOutcome'] = quiet,
): Launcher {
  return new Launcher({
    client: { request } as unknown as KubeClient,
    assumed,
    readPod,
    readAdmission: admissionOf,
    clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayWrite: () => true,
    concurrency: 1,
    onOutcome,
    onTrouble: quiet,
    onLearned: quiet,
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
  launcher(assumed).submit([
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
  expect([...assumed.overlay([pod])]).toEqual([{ ...pod, deleting: true, dismissed }]);
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
    launcher(assumed).submit(commands);
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
    launcher(assumed, () => answers.shift()!(), onOutcome).submit(commands);
    await done.promise;
    expect(told).toEqual(['p refused', 'other bound']);
    expect(nodes(assumed)).toEqual([undefined, undefined, undefined, 'n1']);
  });

  test('that may not go out any more count no more, and nobody is told of a refusal', async () => {
    const assumed = new AssumedPods();
    const done = Promise.withResolvers<string>();
    const fenced = () => Promise.reject(new KubeError({ kind: 'fenced', message: 'not the leader' }));
    launcher(assumed, fenced, (_, { kind }) => done.resolve(kind)).submit([bind('p', 'job/a/x')]);
    expect(await done.promise).toBe('stale');
    expect(nodes(assumed)[0]).toBeUndefined();
  });
});
