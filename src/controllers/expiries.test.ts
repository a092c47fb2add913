import { expect, test } from 'vitest';
import { aGroup, aJob, NOW } from '../../test/builders/index.ts';
import { jobExpiry } from '../frameworks/job/expiry.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import type { KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import { formatTime } from '../lib/time.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Workload } from '../snapshot/workload.ts';
import { Expiries } from './expiries.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const ENDED = { phase: 'Succeeded', completionTime: formatTime(NOW) };

/** Runs the loop on jobs. @param fails how often the API server gives no answer @returns what was deleted */
function start(clock: ManualClock, fails = 0) {
  const workloads = new Store<Workload>();
  const sent: KubeRequest[] = [];
  const client = {
    request: async ({ mayGo, ...request }: KubeRequest) => {
      expect(mayGo!()).toBe(true);
      if (fails-- > 0) throw new KubeError({ kind: 'timeout', message: 'no answer' });
      sent.push(request);
      workloads.delete('training/learn');
    },
  };
  const loop = new Expiries({
    client: client as never,
    expiry: jobExpiry,
    workloads,
    clock,
    random: () => 0,
    log: silent,
    mayDecide: () => true,
    mayWrite: () => true,
  });
  void loop.run(new AbortController().signal);
  return { workloads, sent };
}
const job = (ttl: number | undefined, status: object = ENDED) =>
  jobFacts(aJob('learn').group(aGroup('w')).field('ttlSecondsAfterFinished', ttl).status(status).build());

test('a job that ended is deleted when its time is over, as it was seen', async () => {
  const clock = new ManualClock(NOW);
  const { workloads, sent } = start(clock);
  workloads.put(job(60));
  await clock.advance(59_000);
  expect(sent).toEqual([]);
  await clock.advance(2000);
  expect(sent).toEqual([
    {
      method: 'DELETE',
      path: '/apis/proffer.dev/v1alpha1/namespaces/training/trainingjobs/learn',
      body: {
        propagationPolicy: 'Background',
        preconditions: { uid: 'uid-tj-training-learn', resourceVersion: '1' },
      },
    },
  ]);
});

test('a delete that failed is tried again; at once when the time was over before anybody looked', async () => {
  const clock = new ManualClock(NOW + 100_000);
  const { workloads, sent } = start(clock, 2);
  workloads.put(job(60));
  await clock.advance(5000);
  expect(sent).toHaveLength(1);
});

test.each([
  ['runs', job(0, { phase: 'Running' })],
  ['says nothing of it', job(undefined)],
  ['does not say when it ended', job(0, { phase: 'Failed' })],
])('a job stays that %s', async (_, facts) => {
  const clock = new ManualClock(NOW);
  const { workloads, sent } = start(clock);
  workloads.put(facts);
  await clock.advance(10_000_000);
  expect(sent).toEqual([]);
});

test('a job whose time was made longer meanwhile stays until that is over', async () => {
  const clock = new ManualClock(NOW);
  const { workloads, sent } = start(clock);
  workloads.put(job(60));
  await clock.advance(30_000);
  workloads.put(job(120));
  await clock.advance(80_000);
  expect(sent).toEqual([]);
  await clock.advance(11_000);
  expect(sent).toHaveLength(1);
});
