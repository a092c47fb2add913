import { afterEach, beforeEach, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot } from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import type { KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { PodManifest } from '../plan/pod.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import { runCycle, type CycleResult } from './cycle.ts';
import { StandIns } from './stand-ins.ts';

let end: AbortController;
beforeEach(() => (end = new AbortController()));
afterEach(() => end.abort());

const readPod = createPodReader();
const cycleOf = (replicas: number): CycleResult => {
  const inputs = aSnapshot().with(aNode('n1').cpu('1'), aPool('arena').replicas(replicas).cpu('1')).inputs();
  return runCycle(inputs, { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() }, DRIVERS);
};

/** An API server that stores Pods, or refuses them. */
function running(most: number, pods = new Store<PodFacts>()) {
  const clock = new ManualClock(0);
  const sent: string[] = [];
  const state = { leads: true, refuses: false, stuck: '', cycle: cycleOf(3), warnings: 0 };
  const request = ({ method, path, body }: KubeRequest): Promise<never> => {
    const [, , , , namespace, , name] = path.split('/');
    sent.push(`${method}${path.endsWith('/status') ? ' status' : ''}`);
    if (method === 'POST' && state.refuses)
      throw new KubeError({ kind: 'forbidden', message: 'exceeded quota' });
    if (method === 'DELETE' && name === state.stuck)
      return Promise.reject(new KubeError({ kind: 'forbidden', message: 'a webhook says no' }));
    if (method === 'DELETE') pods.delete(`${namespace}/${name}`);
    if (method !== 'POST') return Promise.resolve() as Promise<never>;
    const pod = body as PodManifest;
    const stored = { ...pod, metadata: { ...pod.metadata, uid: `uid-${pod.metadata.name}` } };
    pods.put(readPod(stored));
    return Promise.resolve(stored) as Promise<never>;
  };
  const log = { debug: () => {}, info: () => {}, warn: () => void state.warnings++, error: () => {} };
  const lastCycle = () => state.cycle;
  const mayDecide = () => state.leads;
  const means = { client: { request }, clock, random: () => 0, log, mayDecide, mayWrite: () => true };
  void new StandIns({ ...means, pods, lastCycle, most }).run(end.signal);
  const after = async (seconds: number) => {
    await clock.advance(seconds * 1000);
    return sent.splice(0);
  };
  return { pods, state, after };
}

test('who waits at two looks is stood in for, and told as waiting; nothing more is written then', async () => {
  const { state, after } = running(100);
  expect(await after(1.5)).toEqual([]);
  expect((await after(1)).sort()).toEqual(['PATCH status', 'PATCH status', 'POST', 'POST']);
  expect(await after(10)).toEqual([]);
  state.cycle = cycleOf(2);
  expect(await after(1)).toEqual(['DELETE']);
  state.cycle = cycleOf(1);
  expect(await after(1)).toEqual(['DELETE']);
});

test('whoever leads next makes none anew, and tells them once more that they wait', async () => {
  const first = running(100);
  await first.after(3);
  end.abort();
  end = new AbortController();
  const pods = new Store<PodFacts>();
  const second = running(100, pods);
  for (const pod of first.pods.values()) pods.put(pod);
  expect(await second.after(10)).toEqual(['PATCH status', 'PATCH status']);
});

test('a refusal holds up for half a minute, and is not asked about meanwhile', async () => {
  const { state, after } = running(100);
  state.refuses = true;
  expect(await after(20)).toContain('POST');
  expect(await after(5)).toEqual([]);
  expect(state.warnings).toBeGreaterThan(0);
  state.refuses = false;
  expect(await after(20)).toContain('POST');
});

test('nothing is written by who does not lead', async () => {
  const { state, after } = running(100);
  state.leads = false;
  expect(await after(10)).toEqual([]);
});

test('where there are to be none, those of before go, but no Pod that has a node', async () => {
  const { pods, after } = running(0);
  const stray = aPod('arena-s-0').label('proffer.dev/stand-in', 'arena').customer();
  pods.put(readPod(stray.build()));
  pods.put(readPod(aPod('bound').label('proffer.dev/stand-in', 'arena').on('n1').build()));
  expect(await after(3)).toEqual(['DELETE']);
});

test('one that cannot be deleted holds up no other', async () => {
  const { pods, state, after } = running(100);
  const stray = aPod('stray').label('proffer.dev/stand-in', 'gone').customer();
  pods.put(readPod(stray.build()));
  state.stuck = 'stray';
  expect(await after(3)).toContain('POST');
  expect(state.warnings).toBeGreaterThan(0);
});
