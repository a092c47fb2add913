import { describe, expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import type { BindCommand } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import { binding } from './bind.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { KubeError, toKubeError } from '../kube/errors.ts';
import { carryOut } from './handler.ts';

const POD = aPod('p').namespace('a').customer();
const UID = POD.build().metadata.uid!;
const command: BindCommand = {
  kind: 'bind',
  framework: { id: 'pod/a/p', kind: 'Pods', key: 'a/p' },
  namespace: 'a',
  name: 'p',
  uid: UID,
  node: 'n1',
};
const failed = (code: number) => toKubeError('bind', { status: { code, message: `code ${code}` } });

/** Binds against an API server with a few answers in store. */
async function bind(...answers: unknown[]) {
  const sent: KubeRequest[] = [];
  const request = (asked: KubeRequest): Promise<unknown> => {
    sent.push(asked);
    const answer = answers[sent.length - 1];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const assumed = new AssumedPods();
  assumed.bind('a/p', UID, 'n1');
  const outcome = await carryOut(binding, command, {
    client: { request } as unknown as KubeClient,
    assumed,
    readPod: createPodReader(),
    clock: { now: () => 5000, monotonic: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    mayWrite: () => true,
    signal: new AbortController().signal,
    onFailure: () => {},
    onAdmitted: () => {},
  });
  return { outcome: outcome.kind, sent, answeredAt: assumed.unseenSince() };
}

describe('a binding', () => {
  test('names the Pod by its uid and the node, and owes an event when it is stored', async () => {
    const { outcome, sent, answeredAt } = await bind({});
    expect([outcome, answeredAt]).toEqual(['done', 5000]);
    expect(sent).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/a/pods/p/binding',
        body: {
          kind: 'Binding',
          metadata: { namespace: 'a', name: 'p', uid: UID },
          target: { kind: 'Node', name: 'n1' },
        },
      },
    ]);
  });

  test('is repeated while its fate is unknown', async () => {
    const { outcome, sent } = await bind(failed(500), failed(503), {});
    expect([outcome, sent.length]).toEqual(['done', 3]);
  });

  test('of a Pod that is gone is stale', async () => {
    expect(await bind(failed(404))).toMatchObject({ outcome: 'stale', answeredAt: undefined });
    expect(await bind(failed(409), failed(404))).toMatchObject({ outcome: 'stale', answeredAt: undefined });
  });

  test('that was there already is ours when an earlier try of ours came through', async () => {
    const { outcome, sent, answeredAt } = await bind(failed(500), failed(409), POD.on('n1').build());
    expect([outcome, answeredAt]).toEqual(['done', 5000]);
    expect(sent[2]).toMatchObject({ method: 'GET', path: '/api/v1/namespaces/a/pods/p' });
  });

  test('that somebody else made, or for a Pod that has the name now, is stale', async () => {
    const elsewhere = await bind(failed(409), POD.on('n2').build());
    const pod = POD.on('n1').build();
    const another = await bind(failed(409), { ...pod, metadata: { ...pod.metadata, uid: 'another' } });
    for (const each of [elsewhere, another])
      expect(each).toMatchObject({ outcome: 'stale', answeredAt: undefined });
  });

  test('that is refused, or that may not be sent any more, throws', async () => {
    await expect(bind(failed(403))).rejects.toThrow('code 403');
    const fenced = new KubeError({ kind: 'fenced', message: 'not the leader' });
    await expect(bind(fenced)).rejects.toBe(fenced);
  });
});
