import { afterEach, beforeEach, expect, test } from 'vitest';
import { aGroup, aJob } from '../../test/builders/index.ts';
import { WORKLOADS } from '../frameworks/drivers.ts';
import type { KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Workload } from '../snapshot/workload.ts';
import { KeySecrets } from './key-secrets.ts';

const kind = WORKLOADS.find(({ keys }) => keys)!;
const pi = () => aJob('pi').field('runtime', 'MPI').group(aGroup('worker').replicas(2), aGroup('launcher'));
let end: AbortController;

beforeEach(() => (end = new AbortController()));
afterEach(() => end.abort());

function running() {
  const clock = new ManualClock(0);
  const workloads = new Store<Workload>();
  const sent: KubeRequest[] = [];
  const notes: string[] = [];
  const state = { error: undefined as KubeError | undefined };
  const request = (each: KubeRequest): Promise<never> => {
    sent.push(each);
    return state.error ? Promise.reject(state.error) : (Promise.resolve() as Promise<never>);
  };
  void new KeySecrets({
    client: { request },
    keys: kind.keys!,
    workloads,
    events: { record: ({ note }) => void notes.push(note) },
    makeKeyPair: () => ({ privateKey: 'PRIVATE', publicKey: 'ecdsa PUBLIC' }),
    clock,
    random: () => 0,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    mayDecide: () => true,
    mayWrite: () => true,
  }).run(end.signal);
  const writes = async () => {
    await clock.advance(2000);
    return sent.splice(0);
  };
  return { workloads, state, writes, notes };
}

test('a job with MPI gets one Secret of its own, whatever becomes of its status, and others get none', async () => {
  const { workloads, writes } = running();
  const job = kind.read(pi().build());
  const { uid } = job.metadata;
  workloads.put(job);
  workloads.put(kind.read(aJob('learn').field('runtime', 'PyTorch').group(aGroup('worker')).build()));
  const [create, ...more] = await writes();
  expect(more).toEqual([]);
  expect(create).toMatchObject({
    method: 'POST',
    path: '/api/v1/namespaces/training/secrets',
    body: {
      metadata: { name: `mpi-${uid}`, ownerReferences: [{ kind: 'TrainingJob', uid, controller: true }] },
      immutable: true,
      stringData: { id: 'PRIVATE', 'id.pub': 'ecdsa PUBLIC\n', known_hosts: '* ecdsa PUBLIC\n' },
    },
  });
  workloads.put(kind.read(pi().status({ phase: 'Running' }).build()));
  expect(await writes()).toEqual([]);
});

test('one that was made before is taken for ours', async () => {
  const { workloads, writes, state, notes } = running();
  state.error = new KubeError({ kind: 'alreadyExists', message: 'secrets "x" already exists' });
  workloads.put(kind.read(pi().build()));
  expect(await writes()).toHaveLength(1);
  expect([await writes(), notes]).toEqual([[], []]);
});

test('without the right to make one the job says so once, and it is tried again', async () => {
  const { workloads, writes, state, notes } = running();
  state.error = new KubeError({ kind: 'forbidden', message: 'secrets is forbidden' });
  workloads.put(kind.read(pi().build()));
  expect((await writes()).length).toBeGreaterThan(1);
  expect(notes).toEqual([
    'the workers wait for a Secret with their keys, which could not be made: secrets is forbidden',
  ]);
  state.error = undefined;
  expect((await writes()).length + (await writes()).length).toBe(1);
});
