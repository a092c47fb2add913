import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { GameServerPoolStatus } from '../../../src/api/gameserverpool.ts';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { poolManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;
let webhook: Server;
/** What the webhook does: answers so many servers, hangs, lies about which request it answers, or fails. */
let answers: number | 'hangs' | 'lies' | 'fails' = 'fails';

const origin = () => `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;

beforeAll(async () => {
  webhook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
      if (answers === 'hangs') return;
      if (answers === 'fails') return void response.writeHead(503).end();
      const uid = answers === 'lies' ? 'another' : review.request.uid;
      const replicas = answers === 'lies' ? 15 : answers;
      response.end(JSON.stringify({ ...review, response: { uid, scale: true, replicas } }));
    });
  });
  await once(webhook.listen(0, '127.0.0.1'), 'listening');
  const fakeNode = { cpu: '16', memory: '32Gi' };
  const extraFlags = { 'kube-controller-manager': ['--horizontal-pod-autoscaler-sync-period=2s'] };
  arena = await Arena.start({ name: 'it-op-autoscale', fakeNodes: 2, kwok: true, fakeNode, extraFlags });
  const flags = { 'webhook-origins': origin() };
  operator = await OperatorProcess.start({
    kubeconfig: arena.cluster.kubeconfigPath,
    identity: 'scales',
    flags,
  });
});

afterEach(() => arena.clear());

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
  webhook.close();
  webhook.closeAllConnections();
});

/** A pool without `replicas`, as people apply one that scales itself. */
function scaledPool(name: string, autoscale: Manifest): Manifest {
  const { spec, ...rest } = poolManifest({ name }) as { spec: Manifest };
  const { replicas: _, ...others } = spec;
  return {
    ...rest,
    spec: { ...others, autoscale: { maxReplicas: 20, stabilizationSeconds: 0, ...autoscale } },
  };
}

const replicasOf = async (pool: string): Promise<number> =>
  Number(await arena.cluster.kubectl('get', 'gsp', pool, '-o', 'jsonpath={.spec.replicas}'));

/** Waits until a condition of a pool has a reason. */
const because = (pool: string, type: string, reason: string) =>
  until(`${type} of ${pool} to be ${reason}`, async () => {
    const its = condition(await arena.poolStatus(pool), type);
    return its?.reason === reason ? its : undefined;
  });

/** Waits until the pool asks for so many servers and has them. */
const scaled = (pool: string, servers: number) =>
  until(`${servers} servers in ${pool}`, async () => {
    const { readyReplicas, autoscale } = await arena.poolStatus(pool);
    return (
      (await replicasOf(pool)) === servers && readyReplicas === servers && autoscale?.desired === servers
    );
  }).then(() => arena.servers(pool));

const label = (pods: readonly { metadata: { name: string } }[], value: string) =>
  arena.cluster.kubectl('label', 'pods', '--overwrite', ...pods.map((p) => p.metadata.name), value);

const condition = ({ conditions = [] }: GameServerPoolStatus, type: string) =>
  conditions.find((its) => its.type === type);

describe('a pool with a buffer', () => {
  test('follows its sessions from zero and back, and ends none of them', async () => {
    onTestFailed(() => console.log(operator.tail()));
    await arena.apply({
      ...scaledPool('buffer', { buffer: { servers: 2 } }),
    });
    const first = await scaled('buffer', 2);
    await label(first, 'proffer.dev/state=Allocated');
    const four = await scaled('buffer', 4);
    expect(four.map((pod) => pod.metadata.uid)).toEqual(
      expect.arrayContaining(first.map((pod) => pod.metadata.uid)),
    );
    await expect
      .poll(async () => (await arena.poolStatus('buffer')).autoscale)
      .toMatchObject({ activePolicy: 'buffer', reason: 'buffer: 2 held and 2 free' });
    const status = await arena.poolStatus('buffer');
    expect(status.autoscale?.lastScaleTime).toBeDefined();
    expect(condition(status, 'ScalingActive')).toMatchObject({ status: 'True', reason: 'AsExpected' });
    expect(condition(status, 'ScalingLimited')).toMatchObject({ status: 'False' });
    await expect
      .poll(async () => (await arena.events('GameServerPool', 'buffer')).map(({ reason }) => reason))
      .toContain('Scaled');

    // A session ends: its label goes. Another one goes on.
    await label(first.slice(0, 1), 'proffer.dev/state-');
    const three = await scaled('buffer', 3);
    expect(three.map((pod) => pod.metadata.uid)).toContain(first[1]!.metadata.uid);
  });

  test('is scaled back when a person scales it, and stays as it is without the policy', async () => {
    await arena.apply(scaledPool('person', { maxReplicas: 3, buffer: { servers: 9 } }));
    await scaled('person', 3);
    await arena.scale('person', 1);
    await scaled('person', 3);
    expect(await because('person', 'ScalingLimited', 'TooManyReplicas')).toMatchObject({
      status: 'True',
      reason: 'TooManyReplicas',
    });
    await arena.cluster.kubectl(
      'patch',
      'gsp',
      'person',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/autoscale"}]',
    );
    await arena.scale('person', 1);
    await arena.ready('person', 1);
    await until('nothing to be said of scaling', async () => {
      const { autoscale, conditions = [] } = await arena.poolStatus('person');
      return autoscale === undefined && !conditions.some(({ type }) => type.startsWith('Scaling'));
    });
  });
});

describe('a pool with a counter', () => {
  test('begins from zero, and grows as places are taken', async () => {
    await arena.apply(scaledPool('counter', { counter: { name: 'players', free: 12 } }));
    const [first] = await until('the first server', async () => {
      const servers = await arena.servers('counter');
      return servers.length === 1 ? servers : undefined;
    });
    await because('counter', 'ScalingActive', 'CounterUnknown');
    const annotate = (name: string, players: string) =>
      arena.cluster.kubectl('annotate', 'pod', '--overwrite', name, `proffer.dev/counter.players=${players}`);
    await annotate(first!.metadata.name, '0/10');
    const two = await scaled('counter', 2);
    for (const { metadata } of two) await annotate(metadata.name, '9/10');
    await scaled('counter', 3);
    await expect
      .poll(async () => (await arena.poolStatus('counter')).autoscale?.reason)
      .toContain('18 players and 12 free');
  });
});

describe('a pool with a webhook', () => {
  test('goes by its answers, keeps the last one when it fails, hangs or lies, and then the next policy', async () => {
    onTestFailed(() => console.log(operator.tail()));
    answers = 4;
    const chain = [
      {
        name: 'asks',
        webhook: { url: `${origin()}/scale`, intervalSeconds: 1, timeoutSeconds: 1, giveUpSeconds: 15 },
      },
      { name: 'else', buffer: { servers: 2 } },
    ];
    await arena.apply(scaledPool('asks', { chain }));
    await scaled('asks', 4);
    answers = 1000;
    await scaled('asks', 20);
    await because('asks', 'ScalingLimited', 'TooManyReplicas');
    answers = 3;
    await scaled('asks', 3);
    answers = 'lies';
    expect((await because('asks', 'ScalingActive', 'WebhookFailed')).message).toContain('response.uid');
    answers = 'hangs';
    await until('the time limit to be told', async () =>
      condition(await arena.poolStatus('asks'), 'ScalingActive')?.message.includes(
        'no answer within 1000 ms',
      ),
    );
    expect(await replicasOf('asks')).toBe(3);
    await scaled('asks', 2);
    await expect.poll(async () => (await arena.poolStatus('asks')).autoscale?.activePolicy).toBe('else');
    answers = 5;
    await scaled('asks', 5);
  });
});

describe('who else sets the number', () => {
  test('a HorizontalPodAutoscaler of the same pool is told of, and one of another pool works', async () => {
    const hpa = (name: string, pool: string): Manifest => ({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'proffer.dev/v1alpha1', kind: 'GameServerPool', name: pool },
        minReplicas: 6,
        maxReplicas: 8,
      },
    });
    await arena.apply(
      scaledPool('both', { maxReplicas: 3, buffer: { servers: 3 } }),
      poolManifest({ name: 'theirs', replicas: 1 }),
      hpa('both', 'both'),
      hpa('theirs', 'theirs'),
    );
    await arena.ready('theirs', 6);
    const { message } = await because('both', 'ScalingActive', 'Contested');
    expect(message).toContain('remove the HorizontalPodAutoscaler');
    await arena.cluster.kubectl('delete', 'hpa', '--all');
  });

  test('who applies the pool again without replicas changes nothing', async () => {
    const pool = scaledPool('applied', { buffer: { servers: 4 } });
    await arena.apply(pool);
    await scaled('applied', 4);
    const generation = () =>
      arena.cluster.kubectl('get', 'gsp', 'applied', '-o', 'jsonpath={.metadata.generation}');
    const before = await generation();
    await arena.apply(pool);
    const text = JSON.stringify(pool);
    await arena.cluster.kubectlWithInput(text, 'apply', '--server-side', '--force-conflicts', '-f', '-');
    expect([await replicasOf('applied'), await generation()]).toEqual([4, before]);
  });
});

test.each(['background', 'foreground'])('a pool is deleted with its servers: %s', async (cascade) => {
  const name = `goes-${cascade}`;
  await arena.apply(scaledPool(name, { buffer: { servers: 2 } }));
  await scaled(name, 2);
  await arena.cluster.kubectl('delete', 'gsp', name, `--cascade=${cascade}`);
  await until('its servers to be gone', async () => (await arena.servers(name)).length === 0);
});
