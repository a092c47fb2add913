import { afterEach, beforeEach, expect, test } from 'vitest';
import { aGroup, aJob } from '../../test/builders/index.ts';
import { WORKLOADS } from '../frameworks/drivers.ts';
import type { KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import { serviceFacts, type ServiceFacts } from '../snapshot/service.ts';
import type { Workload } from '../snapshot/workload.ts';
import { PeerServices } from './peer-services.ts';

const kind = WORKLOADS.find(({ peers }) => peers)!;
const learn = () => aJob('learn').group(aGroup('worker').replicas(2));
let end: AbortController;

beforeEach(() => (end = new AbortController()));
afterEach(() => end.abort());

function running() {
  const clock = new ManualClock(0);
  const workloads = new Store<Workload>();
  const services = new Store<ServiceFacts>();
  const sent: KubeRequest[] = [];
  const notes: string[] = [];
  const state = { leads: true, error: undefined as KubeError | undefined };
  const request = (each: KubeRequest): Promise<never> => {
    sent.push(each);
    return state.error ? Promise.reject(state.error) : (Promise.resolve() as Promise<never>);
  };
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  void new PeerServices({
    client: { request },
    peers: kind.peers!,
    workloads,
    services,
    events: { record: ({ note }) => void notes.push(note) },
    clock,
    random: () => 0,
    log: silent,
    mayDecide: () => state.leads,
    mayWrite: () => true,
  }).run(end.signal);
  const writes = async () => {
    await clock.advance(2000);
    return sent.splice(0);
  };
  /** Shows what was written last, as the API server would. */
  const show = ({ body }: KubeRequest, uid = 's1', changes: object = {}) => {
    const { metadata, spec } = body as { metadata: object; spec: object };
    services.put(
      serviceFacts({ metadata: { ...metadata, uid, resourceVersion: '7' }, spec: { ...spec, ...changes } }),
    );
  };
  return { workloads, services, state, writes, show, notes };
}

test('a job gets one headless Service of its name, which is not made twice and goes with it', async () => {
  const { workloads, writes, show } = running();
  const job = kind.read(learn().build());
  workloads.put(job);
  const [create, ...more] = await writes();
  expect(more).toEqual([]);
  expect(create).toMatchObject({
    method: 'POST',
    path: '/api/v1/namespaces/training/services',
    body: {
      metadata: {
        name: 'learn',
        ownerReferences: [{ kind: 'TrainingJob', uid: job.metadata.uid, controller: true }],
      },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: { 'proffer.dev/peers': 'learn' } },
    },
  });
  show(create!);
  workloads.put(kind.read(learn().status({ phase: 'Running' }).build()));
  expect(await writes()).toEqual([]);
});

test('none is made for a job that ended, that wants none, or whose templates name their own', async () => {
  const { workloads, writes } = running();
  const own = aJob('own').group(aGroup('w').specField('subdomain', 'mine'));
  for (const job of [
    learn().status({ phase: 'Failed' }),
    aJob('none').group(aGroup('w')).field('network', { service: 'None' }),
    own,
  ])
    workloads.put(kind.read(job.build()));
  expect(await writes()).toEqual([]);
});

test('what somebody changes is mended, and what somebody deletes is made anew', async () => {
  const { workloads, services, writes, show } = running();
  workloads.put(kind.read(learn().build()));
  const [create] = await writes();
  show(create!, 's1', {
    selector: { 'proffer.dev/peers': 'learn', else: 'x' },
    publishNotReadyAddresses: false,
  });
  expect(await writes()).toMatchObject([
    {
      method: 'PATCH',
      path: '/api/v1/namespaces/training/services/learn',
      body: {
        metadata: { uid: 's1', resourceVersion: '7' },
        spec: { publishNotReadyAddresses: true, selector: { 'proffer.dev/peers': 'learn', else: null } },
      },
    },
  ]);
  services.delete('training/learn');
  expect(await writes()).toMatchObject([{ method: 'POST' }]);
});

test('one of the name that is not ours stays as it is, and that is told once', async () => {
  const { workloads, services, writes, notes } = running();
  services.put(
    serviceFacts({ metadata: { name: 'learn', namespace: 'training' }, spec: { clusterIP: '10.0.0.1' } }),
  );
  workloads.put(kind.read(learn().build()));
  expect(await writes()).toEqual([]);
  workloads.put(kind.read(learn().status({ phase: 'Pending' }).build()));
  expect(await writes()).toEqual([]);
  expect(notes).toEqual([expect.stringContaining('another one has its name')]);
  services.delete('training/learn');
  expect(await writes()).toMatchObject([{ method: 'POST' }]);
});

test('that of a job which had the name before is left to go', async () => {
  const { workloads, services, writes } = running();
  const before = { apiVersion: 'proffer.dev/v1alpha1', kind: 'TrainingJob', name: 'learn', uid: 'before' };
  services.put(
    serviceFacts({ metadata: { name: 'learn', namespace: 'training', ownerReferences: [before] }, spec: {} }),
  );
  workloads.put(kind.read(learn().build()));
  expect(await writes()).toEqual([]);
});

test('what the API server refuses is told once, and tried again', async () => {
  const { workloads, state, writes, notes } = running();
  state.error = new KubeError({ kind: 'forbidden', message: 'services is forbidden' });
  workloads.put(kind.read(learn().build()));
  expect((await writes()).length).toBeGreaterThan(1);
  expect(notes).toEqual([expect.stringContaining('services is forbidden')]);
});
