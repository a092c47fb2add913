import { expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import type { DeleteCommand } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import type { KubeClient } from './client.ts';
import { Launcher } from './launch.ts';

const readPod = createPodReader();
const quiet = () => {};

/** A launcher whose API server never answers. */
function launcher(assumed: AssumedPods): Launcher {
  return new Launcher({
    client: { request: () => new Promise(quiet) } as unknown as KubeClient,
    assumed,
    readPod,
    clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayWrite: () => true,
    concurrency: 1,
    onOutcome: quiet,
    onTrouble: quiet,
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
