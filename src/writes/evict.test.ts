import { describe, expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import { ANNOTATION } from '../api/group.ts';
import type { EvictCommand, NoticeCommand } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { toKubeError } from '../kube/errors.ts';
import { evicting } from './evict.ts';
import { carryOut, type CarryOptions } from './handler.ts';
import { noticing } from './notice.ts';

const readPod = createPodReader();
const REF = { id: 'gsp/a/low', kind: 'GameServerPool', key: 'a/low' } as const;
const POD = { framework: REF, namespace: 'a', name: 'p', uid: 'u', resourceVersion: '7' };
const evict: EvictCommand = { kind: 'evict', ...POD, by: { ...REF, id: 'gsp/a/high' } };

/** An API server with a few answers in store; the last is given again and again. */
function world(...answers: unknown[]): { sent: KubeRequest[]; context: CarryOptions; assumed: AssumedPods } {
  const sent: KubeRequest[] = [];
  const request = (asked: KubeRequest): Promise<unknown> => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(asked);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const assumed = new AssumedPods();
  const context: CarryOptions = {
    client: { request } as unknown as KubeClient,
    assumed,
    readPod,
    clock: { now: () => 5000, monotonic: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    mayWrite: () => true,
    signal: new AbortController().signal,
    onFailure: () => {},
    onAdmitted: () => {},
  };
  return { sent, context, assumed };
}

const failed = (code: number, message: string, causes: { reason: string; message: string }[] = []) =>
  toKubeError('evict', { status: { code, message, details: { causes } } });

describe('an eviction', () => {
  test('goes through the Eviction API, for the Pod as it was seen', async () => {
    const { sent, context } = world({});
    expect(await carryOut(evicting, evict, context)).toEqual({ kind: 'done' });
    expect(sent).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/a/pods/p/eviction',
        body: { kind: 'Eviction', deleteOptions: { preconditions: { uid: 'u', resourceVersion: '7' } } },
      },
    ]);
  });

  test('that budgets forbid is not repeated, and tells which', async () => {
    const message = 'The disruption budget keep needs 2 healthy pods and has 2 currently';
    const { sent, context } = world(failed(429, 'no', [{ reason: 'DisruptionBudget', message }]));
    expect(await carryOut(evicting, evict, context)).toEqual({ kind: 'blocked', message });
    expect(sent).toHaveLength(1);
    const two =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    expect(await carryOut(evicting, evict, world(failed(500, two)).context)).toMatchObject({
      kind: 'blocked',
    });
  });

  test('is repeated when the API server is busy, and stale when the Pod changed or is gone', async () => {
    const busy = world(failed(429, 'too many requests'), {});
    expect(await carryOut(evicting, evict, busy.context)).toEqual({ kind: 'done' });
    expect(busy.sent).toHaveLength(2);
    for (const code of [404, 409])
      expect(await carryOut(evicting, evict, world(failed(code, 'no')).context)).toEqual({ kind: 'stale' });
    await expect(carryOut(evicting, evict, world(failed(403, 'no')).context)).rejects.toThrow('no');
  });
});

describe('an eviction of several who go together', () => {
  const pods = [0, 1].map((slot) =>
    readPod(aPod(`w-${slot}`).namespace('a').label('app', 'learn').ready().build()),
  );
  const evictions = (): EvictCommand[] => {
    const company = [...pods];
    return company.map(({ name, uid }) => ({ ...evict, name, uid, company }));
  };
  const budget = (disruptionsAllowed: number, app = 'learn') => ({
    metadata: { name: app },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 2, desiredHealthy: 2 - disruptionsAllowed },
  });
  const outcomes = async (...items: object[]) => {
    const { sent, context } = world({ items }, {});
    const answers = await Promise.all(evictions().map((each) => carryOut(evicting, each, context)));
    return {
      answers: answers.map(({ kind }) => kind),
      sent: sent.map(({ method, path }) => `${method} ${path}`),
    };
  };
  const LIST = 'GET /apis/policy/v1/namespaces/a/poddisruptionbudgets';

  test('is given up as a whole when a budget lets only a part go, before any goes, and those are named whom it keeps', async () => {
    expect(await outcomes(budget(1))).toEqual({ answers: ['stale', 'blocked'], sent: [LIST] });
    expect(await outcomes(budget(0))).toEqual({ answers: ['blocked', 'blocked'], sent: [LIST] });
    expect(await carryOut(evicting, evictions()[1]!, world({ items: [budget(1)] }).context)).toEqual({
      kind: 'blocked',
      message: 'The disruption budget learn lets 1 of 2 Pods go that go only together',
    });
  });

  test('goes on when budgets let all of it go, or are for others', async () => {
    const sent = [LIST, ...pods.map(({ name }) => `POST /api/v1/namespaces/a/pods/${name}/eviction`)];
    expect(await outcomes(budget(2), budget(0, 'other'))).toEqual({ answers: ['done', 'done'], sent });
    expect((await outcomes()).answers).toEqual(['done', 'done']);
  });
});

describe('a notice', () => {
  const notice = (until: number | undefined): NoticeCommand => ({
    kind: 'notice',
    ...POD,
    until,
    by: undefined,
  });

  test('is a patch of an annotation of the Pod as it was seen', async () => {
    const { sent, context } = world({ metadata: { name: 'p', resourceVersion: '8' } });
    expect(await carryOut(noticing, notice(60_000), context)).toEqual({ kind: 'done' });
    expect(await carryOut(noticing, notice(undefined), context)).toEqual({ kind: 'done' });
    expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual(
      ['1970-01-01T00:01:00Z', null].map((value) => [
        'PATCH',
        '/api/v1/namespaces/a/pods/p',
        { metadata: { uid: 'u', resourceVersion: '7', annotations: { [ANNOTATION.inverseOffer]: value } } },
      ]),
    );
    expect(await carryOut(noticing, notice(1), world(failed(409, 'changed')).context)).toEqual({
      kind: 'stale',
    });
  });
});

describe('until the watch shows it', () => {
  const seen = (version: string, annotations: Record<string, string> = {}) => {
    const pod = aPod('p').namespace('a').on('n1').resourceVersion(version);
    for (const [key, value] of Object.entries(annotations)) pod.annotation(key, value);
    return readPod(pod.build());
  };
  const stored = seen('7');

  test('an evicted Pod is leaving, and evicted', () => {
    const assumed = new AssumedPods();
    assumed.remove('a/p', stored.uid, true, true);
    expect([...assumed.overlay([stored])]).toEqual([
      { ...stored, deleting: true, dismissed: true, evicted: true, ordered: true },
    ]);
    assumed.keep('a/p');
    expect([...assumed.overlay([stored])]).toEqual([stored]);
  });

  test('a notice counts, whatever older events of the Pod say', () => {
    const assumed = new AssumedPods();
    const until = () => [...assumed.overlay([stored])][0]!.inverseOffer;
    assumed.notify('a/p', stored.uid, 60_000);
    expect(until()).toBe(60_000);
    assumed.seen(seen('8'), false);
    assumed.amendmentStored('a/p', '9', 5000);
    assumed.seen(seen('8'), false);
    expect([until(), assumed.unseenSince()]).toEqual([60_000, 5000]);
    assumed.seen(seen('9', { [ANNOTATION.inverseOffer]: '1970-01-01T00:01:00Z' }), false);
    expect([until(), assumed.unseenSince()]).toEqual([undefined, undefined]);
  });

  test('a notice that the watch shows before its answer comes is awaited no longer', () => {
    const assumed = new AssumedPods();
    assumed.notify('a/p', stored.uid, 60_000);
    assumed.seen(seen('9', { [ANNOTATION.inverseOffer]: '1970-01-01T00:01:00Z' }), false);
    assumed.amendmentStored('a/p', '9', 5000);
    expect(assumed.unseenSince()).toBeUndefined();
  });

  test('a notice that came to nothing does not', () => {
    const assumed = new AssumedPods();
    assumed.notify('a/p', stored.uid, 60_000);
    assumed.unamend('a/p');
    expect([...assumed.overlay([stored])]).toEqual([stored]);
  });
});
