import { beforeEach, describe, expect, test } from 'vitest';
import { aGroup, aJob, aPod, type PodBuilder } from '../../test/builders/index.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import type { KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { FrameworkKind } from '../snapshot/framework-id.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { CycleResult } from './cycle.ts';
import { Releases } from './releases.ts';

const read = createPodReader();
const learn = aJob('learn').group(aGroup('w').replicas(2));
const pod = (slot: number, change = (built: PodBuilder) => built) =>
  read(change(aPod(`learn-w-${slot}`).ofJob(learn, 'w', slot).on('n1').tracked()).build());

let pods: Store<PodFacts>;
let jobs: Store<Workload>;
let clock: ManualClock;
let sent: KubeRequest[];
let failure: KubeError | undefined;
let settled: PodFacts[];
let loop: Releases;

beforeEach(() => {
  pods = new Store();
  jobs = new Store();
  clock = new ManualClock(0);
  sent = [];
  failure = undefined;
  settled = [];
  const quiet = () => {};
  loop = new Releases({
    client: {
      request: (each: KubeRequest) => {
        sent.push(each);
        return (failure ? Promise.reject(failure) : Promise.resolve()) as Promise<never>;
      },
    },
    stores: { pods, workloads: new Map<FrameworkKind, Store<Workload>>([['TrainingJob', jobs]]) },
    lastCycle: () =>
      ({ snapshot: { frameworks: [{ settled } as unknown as Framework] } }) as unknown as CycleResult,
    clock,
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayDecide: () => true,
    mayWrite: () => true,
  });
});

/** Looks once. @returns the Pods that lose the finalizer */
async function looked(): Promise<string[]> {
  loop.look(new AbortController().signal);
  await new Promise<void>((resolve) => setImmediate(resolve));
  return sent.splice(0).map(({ path }) => path.split('/').at(-1)!);
}

describe('the finalizer', () => {
  test('goes off Pods that are settled, of the UID that was judged, and leaves those of others', async () => {
    jobs.put(jobFacts(learn.build()));
    pods.put(pod(0));
    pods.put(pod(1));
    expect(await looked()).toEqual([]);
    settled = [pod(0)];
    loop.look(new AbortController().signal);
    expect(sent).toMatchObject([
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/training/pods/learn-w-0',
        contentType: 'application/strategic-merge-patch+json',
        body: {
          metadata: {
            uid: pod(0).uid,
            '$deleteFromPrimitiveList/finalizers': ['proffer.dev/job-tracking'],
          },
        },
      },
    ]);
    await looked();
    expect(await looked(), 'it is on its way').toEqual([]);
  });

  test('is tried again after a failure, and not at once', async () => {
    jobs.put(jobFacts(learn.build()));
    pods.put(pod(0));
    settled = [pod(0)];
    failure = new KubeError({ kind: 'server', message: 'no' });
    expect(await looked()).toEqual(['learn-w-0']);
    expect(await looked()).toEqual([]);
    await clock.advance(1000);
    expect(await looked()).toEqual(['learn-w-0']);
  });

  test('goes off all Pods of a job that is going, and of one that was seen to go', async () => {
    const job = learn.build() as { metadata: object };
    const going = { ...job, metadata: { ...job.metadata, deletionTimestamp: '2026-01-01T12:00:00Z' } };
    jobs.put(jobFacts(going as Parameters<typeof jobFacts>[0]));
    pods.put(pod(0));
    expect(await looked()).toEqual(['learn-w-0']);
    pods.put(pod(1));
    jobs.delete('training/learn');
    expect(await looked()).toEqual(['learn-w-1']);
  });

  test('of an owner that nobody has seen goes when the mirror had time to show it', async () => {
    pods.put(pod(0));
    expect(await looked()).toEqual([]);
    await clock.advance(10_000);
    expect(await looked()).toEqual(['learn-w-0']);
  });

  test('of an owner in another namespace goes too: a Pod may name any', async () => {
    jobs.put(jobFacts(learn.build() as Parameters<typeof jobFacts>[0]));
    const elsewhere = { ...pod(0), namespace: 'other', key: 'other/learn-w-0' };
    pods.put(elsewhere);
    expect(await looked()).toEqual([]);
    await clock.advance(10_000);
    expect(await looked()).toEqual(['learn-w-0']);
  });

  test('goes off a Pod that a job left behind', async () => {
    const raw = aPod('learn-w-0').tracked().build();
    pods.put(read(raw));
    expect(await looked()).toEqual(['learn-w-0']);
  });
});
