import { expect, test } from 'vitest';
import { aPod, aPool } from '../../test/builders/index.ts';
import type { Command, CommandOf, CreateCommand } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import { handlerOf } from './handlers.ts';

const readPod = createPodReader();
const pod = aPod('arena-1').ofPool(aPool('arena'), 1).on('n1').build() as CreateCommand['pod'];
const framework = { id: 'gsp/games/arena', kind: 'GameServerPool', key: 'games/arena' } as const;
const stored = readPod(aPod('there').ofPool(aPool('arena'), 0).build());
const { namespace, name, uid } = stored;
const of = { framework, namespace, name, uid, resourceVersion: '7' };

/** One of each kind: a new kind gives one, too. */
const COMMANDS: { readonly [K in Command['kind']]: CommandOf<K> } = {
  create: { kind: 'create', framework, pod, after: undefined, admissionKey: 'a', counted: undefined },
  ask: { kind: 'ask', framework, pod, admissionKey: 'a' },
  bind: { kind: 'bind', ...of, node: 'n1' },
  delete: { kind: 'delete', ...of, reason: 'ScaledDown', signal: undefined },
  evict: { kind: 'evict', ...of, by: framework },
  notice: { kind: 'notice', ...of, until: 60_000, by: framework },
  change: {
    kind: 'change',
    ...of,
    template: { spec: { containers: [{ name: 'main' }] } },
    revision: 'new',
    demand: {},
  },
  claim: { kind: 'claim', ...of, node: 'n1', volume: undefined },
  makeClaim: {
    kind: 'makeClaim',
    framework,
    claim: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec: {} },
  },
};

test.each(Object.values(COMMANDS))(
  'a command of kind $kind counts at once, and leaves no trace when it came to nothing',
  (command) => {
    const handler = handlerOf(command);
    const assumed = new AssumedPods();
    const seen = () => [...assumed.overlay([stored])];
    handler.assume(command, assumed, readPod);
    // What is asked of admission or of volumes changes no Pod.
    if (['ask', 'claim', 'makeClaim'].includes(command.kind)) expect(seen()).toEqual([stored]);
    else expect(seen()).not.toEqual([stored]);
    handler.retract(command, assumed);
    expect(seen()).toEqual([stored]);
  },
);
