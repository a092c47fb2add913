import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { until } from '../../support/until.ts';
import { jobManifest, poolManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;

beforeAll(async () => {
  const fakeNode = { cpu: '16', pods: '200' };
  arena = await Arena.start({ name: 'it-op-refusals', fakeNodes: 2, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'refusals' });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
});

afterEach(async () => {
  await arena?.clear();
  await arena?.cluster.kubectl('delete', 'resourcequota', '--all');
});

afterAll(async () => {
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

const quota = (pods: number): Manifest => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'house', namespace: 'default' },
  spec: { hard: { pods: String(pods) } },
});

/** A quota admits by its status, which a controller fills in. */
async function applyQuota(pods: number): Promise<void> {
  await arena.apply(quota(pods));
  await until('the quota is in force', async () => {
    const hard = await arena.cluster.kubectl(
      'get',
      'resourcequota',
      'house',
      '-o',
      'jsonpath={.status.hard.pods}',
    );
    return hard === String(pods);
  });
}

/** A quota that is new; the API server admits as if it were not there until it has heard of it. */
async function bringQuota(pods: number): Promise<void> {
  await applyQuota(0);
  await arena.shut('the quota');
  await applyQuota(pods);
}

const requests = (code: string) =>
  operator.metric('proffer_api_requests_total', 'verb="create"', 'resource="pods"', `code="${code}"`);

const placed = async (pool: string) =>
  (await arena.poolStatus(pool)).conditions?.find(({ type }) => type === 'Placed');

describe('a pool that the quota has no room for', () => {
  test('says so with the words of the API server, asks seldom, and goes on when there is room', async () => {
    onTestFailed(() => console.log(operator.tail(10)));
    await bringQuota(5);
    const before = await requests('403');
    await arena.apply(poolManifest({ name: 'large', replicas: 150 }));
    const condition = await until('the condition', async () => {
      const now = await placed('large');
      return now?.message.startsWith('145 of 150 servers waiting') ? now : undefined;
    });
    expect(condition).toMatchObject({ status: 'False', reason: 'PodRefused' });
    expect(condition.message).toMatch(/the API server refused a Pod: .*exceeded quota: house/);
    await expect.poll(() => arena.servers('large')).toHaveLength(5);

    // Each try after the first costs one request: after two more tries, two.
    const first = await requests('403');
    expect(first - before).toBeLessThanOrEqual(80);
    await until('two more tries', async () => (await requests('403')) >= first + 2);
    expect((await requests('403')) - first).toBe(2);
    const now = (await placed('large'))!;
    expect(now.lastTransitionTime, 'the condition did not flip between the tries').toBe(
      condition.lastTransitionTime,
    );

    await applyQuota(200);
    await arena.ready('large', 150);
    await expect.poll(() => placed('large')).toMatchObject({ status: 'True' });
  });
});

describe('a template that the API server refuses', () => {
  test('is a condition with the field and a request now and then, until it is corrected', async () => {
    const before = await requests('422');
    const container = { volumeMounts: [{ name: 'maps', mountPath: '/maps' }] };
    await arena.apply(poolManifest({ name: 'typo', replicas: 40, container }));
    await until('the condition', async () => (await placed('typo'))?.reason === 'PodRefused');
    await expect
      .poll(async () => (await placed('typo'))!.message)
      .toContain('spec.containers[0].volumeMounts[0].name: Not found: "maps"');
    expect(await arena.servers('typo')).toEqual([]);
    const first = await requests('422');
    expect(first - before, 'the first plan, and a Pod now and then').toBeLessThan(2 * 40);
    await until('two more tries', async () => (await requests('422')) >= first + 2);
    expect((await requests('422')) - first).toBe(2);

    await arena.apply(
      poolManifest({
        name: 'typo',
        replicas: 40,
        podSpec: { volumes: [{ name: 'maps', emptyDir: {} }] },
        container,
      }),
    );
    await arena.ready('typo', 40);
  });
});

describe('an admission webhook that is dead', () => {
  const WEBHOOK = 'validatingwebhookconfiguration/dead';
  const webhook: Manifest = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'dead' },
    webhooks: [
      {
        name: 'dead.example.com',
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        // Nothing listens there.
        clientConfig: { url: 'https://127.0.0.1:1/validate' },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  };

  afterEach(async () => {
    await arena.cluster.kubectl('delete', WEBHOOK, '--ignore-not-found');
    await arena.clear('elsewhere');
  });

  test('is the reason that a pool and a job wait, keeps nobody else waiting, and is forgotten at once', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.namespace('elsewhere');
    await arena.apply(webhook);
    await arena.shut('the webhook');
    // More than the operator sends at a time.
    await arena.apply(
      poolManifest({ name: 'shut-out', replicas: 100 }),
      jobManifest({ name: 'shut', workers: 2 }),
    );
    const condition = await until('the reason', async () => {
      const now = await placed('shut-out');
      return now?.reason === 'PodRefused' ? now : undefined;
    });
    expect(condition.message).toMatch(
      /^100 of 100 servers waiting: the API server does not take a Pod, .*failed calling webhook "dead.example.com"/,
    );
    await expect
      .poll(() => arena.poolStatus('shut-out'))
      .toMatchObject({ replicas: 0, pendingReplicas: 100 });
    await until('the reason of the job', async () =>
      (await arena.jobStatus('shut')).message?.startsWith('2 of 2 workers waiting: the API server does not'),
    );
    await arena.apply(poolManifest({ name: 'let-in', namespace: 'elsewhere', replicas: 30 }));
    await arena.ready('let-in', 30, 'elsewhere');
    await expect
      .poll(() => placed('shut-out'), { message: 'it still waits, and says so' })
      .toEqual(condition);

    await arena.cluster.kubectl('delete', WEBHOOK);
    await arena.ready('shut-out', 100);
    await expect.poll(() => placed('shut-out')).toMatchObject({ status: 'True' });
    await until('both workers', async () => (await arena.jobStatus('shut')).active === 2);
    const made = log.events.filter(({ type, pod }) => type === 'ADDED' && pod.pool === 'shut-out');
    expect(made).toHaveLength(100);
  });
});

describe('a gang', () => {
  const workers = async (job: string) =>
    (await arena.pods(`proffer.dev/job=${job}`)).filter((pod) => !pod.metadata.deletionTimestamp);

  test('that does not fit as a whole takes nothing, and all when there is room', async () => {
    // Sixteen cores on each of two nodes: four workers of six fit, a fifth does not.
    await arena.apply(jobManifest({ name: 'gang', workers: 5, cpu: '6' }));
    await until('the reason', async () =>
      (await arena.jobStatus('gang')).message?.includes('4 of 5 workers fit'),
    );
    expect(await workers('gang')).toEqual([]);
    // Its room is not held: others take it meanwhile.
    await arena.apply(poolManifest({ name: 'meanwhile', replicas: 10, cpu: '3' }));
    await arena.ready('meanwhile', 10);
    await arena.cluster.kubectl('scale', 'gsp', 'meanwhile', '--replicas', '0');
    await arena.cluster.addFakeNodes(1);
    await until('all five', async () => (await arena.jobStatus('gang')).active === 5);
    await expect.poll(() => workers('gang')).toHaveLength(5);
    // Before its node: Pods of a node that is gone wait for the garbage collector.
    await arena.clear();
    await arena.cluster.kubectl('delete', 'node', 'fake-00002');
  });

  test('that the quota cuts in two gives its room back, over and over more seldom', async () => {
    await bringQuota(3);
    await arena.apply(jobManifest({ name: 'cut', workers: 4 }));
    await until('the reason', async () => {
      const { message = '' } = await arena.jobStatus('cut');
      return message.includes('exceeded quota') && message.includes('4 workers waiting');
    });
    const seen = new Set<number>();
    await until('the half gang was released twice', async () => {
      for (const { type, pod } of log.events)
        if (type === 'DELETED' && pod.name.startsWith('cut-')) seen.add(1);
      return seen.size > 0 && (await workers('cut')).length === 0;
    });
    await applyQuota(10);
    await until('all four', async () => (await arena.jobStatus('cut')).active === 4);
    await expect.poll(() => workers('cut')).toHaveLength(4);
  });
});
