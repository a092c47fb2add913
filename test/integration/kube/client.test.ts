import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { KubeClient, type RequestMeasure } from '../../../src/kube/client.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import { withRetry, type Attempt } from '../../../src/kube/retry.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import type { Fault } from '../../support/faults.ts';

const path = '/api/v1/namespaces/default/configmaps';

let cluster: Cluster;
let proxy: FaultProxy;
let client: KubeClient;
let directory: string;

beforeAll(async () => {
  cluster = await startCluster({ name: 'it-kube-client' });
  proxy = await FaultProxy.start(cluster.kubeconfigPath);
  client = new KubeClient(proxy.access);
  directory = mkdtempSync(join(tmpdir(), 'client-test-'));
  await cluster.kubectl('create', 'serviceaccount', 'nobody', '-n', 'default');
});

afterEach(() => proxy.heal());

afterAll(async () => {
  await client?.close();
  await proxy?.close();
  await cluster?.down();
  rmSync(directory, { recursive: true });
});

const retrying = <T>(fn: (attempt: Attempt) => Promise<T>) =>
  withRetry(fn, { clock: systemClock, random: Math.random, backoff: { initialMs: 10, maxMs: 100 } });

/**
 * Creates a ConfigMap as the operator creates Pods: a lost answer is asked for again.
 * @param timeoutMs of a try
 * @returns how many tries it took
 */
const createOnce = (name: string, timeoutMs = 30_000) =>
  retrying(async (attempt) => {
    try {
      await client.request({ method: 'POST', path, body: { metadata: { name } }, timeoutMs });
    } catch (error) {
      if (!(attempt.ambiguous && isKubeError(error, 'alreadyExists'))) throw error;
    }
    return attempt.number;
  });

const isCreate = (request: { verb: string; resource: string }) =>
  request.verb === 'create' && request.resource === 'configmaps';

describe('a create', () => {
  test.each<{ name: string; fault: Fault; attempts: number; timeoutMs?: number }>([
    { name: 'whose connection breaks before the server saw it', fault: { kind: 'resetBefore' }, attempts: 2 },
    { name: 'whose answer is lost', fault: { kind: 'resetAfter' }, attempts: 2 },
    {
      name: 'that is refused with 429',
      fault: { kind: 'answer', status: 429, retryAfterSeconds: 0 },
      attempts: 2,
    },
    { name: 'that is refused with 500', fault: { kind: 'answer', status: 500 }, attempts: 2 },
    {
      name: 'that stalls for longer than we wait',
      fault: { kind: 'delay', ms: 60_000 },
      attempts: 2,
      timeoutMs: 4000,
    },
    { name: 'that stalls for less', fault: { kind: 'delay', ms: 200 }, attempts: 1 },
  ])('$name is carried out once', async ({ name, fault, attempts, timeoutMs }) => {
    const object = `once-${name.replaceAll(/[^a-z0-9]+/g, '-')}`;
    proxy.inject({ when: isCreate, fault, times: 1 });
    expect(await createOnce(object, timeoutMs)).toBe(attempts);
    expect(proxy.creates().get(`configmaps default/${object}`)).toBe(1);
    await client.request({ method: 'GET', path: `${path}/${object}` });
  });

  test('of a name that another took is an error, even after a retry that was not ambiguous', async () => {
    await createOnce('taken');
    proxy.inject({ when: isCreate, fault: { kind: 'answer', status: 429, retryAfterSeconds: 0 }, times: 1 });
    await expect(createOnce('taken')).rejects.toMatchObject({ kind: 'alreadyExists', status: 409 });
  });

  test('waits as long as Retry-After says', async () => {
    proxy.inject({ when: isCreate, fault: { kind: 'answer', status: 429, retryAfterSeconds: 1 }, times: 1 });
    const startedAt = performance.now();
    await createOnce('patient');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
  });
});

describe('errors of the API server', () => {
  test('a changed object is a conflict', async () => {
    const object = await client.request<object>({
      method: 'POST',
      path,
      body: { metadata: { name: 'changed' } },
    });
    await client.request({ method: 'PATCH', path: `${path}/changed`, body: { data: { a: 'b' } } });
    const put = client.request({ method: 'PUT', path: `${path}/changed`, body: object });
    await expect(put).rejects.toMatchObject({ kind: 'conflict', status: 409, reason: 'Conflict' });
  });

  test('a bad object names its fields', async () => {
    const create = client.request({ method: 'POST', path, body: { metadata: { name: 'Not A Name' } } });
    await expect(create).rejects.toMatchObject({ kind: 'invalid', causes: [{ field: 'metadata.name' }] });
  });

  test('what is not there is not found', async () => {
    await expect(client.request({ method: 'GET', path: `${path}/none` })).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  test('a server that is not there is a network error that cannot have applied', async () => {
    const nowhere = new KubeClient({ ...proxy.access, server: 'http://127.0.0.1:1' });
    const create = nowhere.request({ method: 'POST', path, body: {} });
    await expect(create).rejects.toMatchObject({ kind: 'network', mayHaveApplied: false, retryable: true });
    await nowhere.close();
  });

  test('an aborted request rejects with the reason of its signal', async () => {
    const reason = new Error('changed our mind');
    proxy.inject({ when: () => true, fault: { kind: 'delay', ms: 60_000 }, times: 1 });
    const abort = new AbortController();
    const request = client.request({ method: 'GET', path, signal: abort.signal });
    abort.abort(reason);
    await expect(request).rejects.toBe(reason);
  });
});

describe('credentials', () => {
  const token = async () => (await cluster.kubectl('create', 'token', 'nobody', '-n', 'default')).trim();
  const tokenClient = (file: string, onRequest?: (measure: RequestMeasure) => void) => {
    const { access } = KubeClient.load({ kubeconfig: cluster.kubeconfigPath });
    const { ca } = access.tls;
    return new KubeClient(
      { ...access, tls: ca === undefined ? {} : { ca }, auth: { kind: 'tokenFile', path: file } },
      onRequest === undefined ? {} : { onRequest },
    );
  };

  test('what RBAC denies is forbidden, not retried, and countable', async () => {
    const file = join(directory, 'token');
    writeFileSync(file, await token());
    const measures: RequestMeasure[] = [];
    const nobody = tokenClient(file, (measure) => measures.push(measure));
    const list = retrying(() => nobody.request({ method: 'GET', path: '/api/v1/secrets' }));
    await expect(list).rejects.toMatchObject({ kind: 'forbidden', status: 403, retryable: false });
    expect(measures).toEqual([
      { verb: 'list', resource: 'secrets', status: 403, durationMs: expect.any(Number) },
    ]);
    await nobody.close();
  });

  test('a client may act as another user', async () => {
    const { access } = KubeClient.load({ kubeconfig: cluster.kubeconfigPath });
    const actor = new KubeClient({ ...access, impersonate: 'system:serviceaccount:default:nobody' });
    await expect(actor.request({ method: 'GET', path: '/api/v1/secrets' })).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('system:serviceaccount:default:nobody'),
    });
    await actor.close();
  });

  test('a token file that rotates is read again', async () => {
    const file = join(directory, 'rotating');
    const review = { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews' } as const;
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    writeFileSync(file, 'stale');
    const nobody = tokenClient(file);
    await expect(nobody.request({ ...review, body })).rejects.toMatchObject({ kind: 'unauthorized' });
    writeFileSync(file, await token());
    await expect(nobody.request({ ...review, body })).resolves.toMatchObject({
      status: { userInfo: { username: 'system:serviceaccount:default:nobody' } },
    });
    await nobody.close();
  });
});
