import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { parse } from 'yaml';
import { killContainer } from '../../hack/cluster/kill-container.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena, type ShownPod } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { until } from '../support/until.ts';
import type { Manifest } from '../support/workloads.ts';

interface Example {
  readonly template: { readonly spec: { readonly containers: readonly Manifest[] } };
}

const { spec: example } = parse(
  readFileSync(join(import.meta.dirname, '../../examples/gameserverpool.yaml'), 'utf8'),
) as { spec: Example };

/** A pool of real servers, asked every two seconds and given up after two misses. */
function pool(
  name: string,
  replicas: number,
  port: Manifest,
  query: Manifest,
  container: Manifest = {},
): Manifest {
  const { template } = example;
  const [first] = template.spec.containers;
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerPool',
    metadata: { name },
    spec: {
      ...example,
      replicas,
      ports: [{ name: 'game', ...port }],
      health: {
        query: { port: 'game', periodSeconds: 2, failureThreshold: 2, initialDelaySeconds: 60, ...query },
      },
      template: {
        spec: {
          ...template.spec,
          terminationGracePeriodSeconds: 2,
          containers: [{ ...first, ...container }],
        },
      },
    },
  };
}

const teeworlds = (name: string, replicas: number): Manifest =>
  pool(name, replicas, { containerPort: 8303 }, { protocol: 'Teeworlds' });

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  const images = await Promise.all(
    (['teeworlds', 'openarena', 'bzflag'] as const).map((name) => buildImage(name)),
  );
  arena = await Arena.start({ name: 'e2e-health', nodes: 1 });
  for (const { tar } of images) await arena.cluster.loadImage(tar);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'health' });
});

afterEach(() => arena?.clear());

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const ready = (name: string, count: number): Promise<ShownPod[]> => {
  onTestFailed(() => console.log(operator.tail(20)));
  return arena.ready(name, count);
};
const send = (pod: ShownPod, signal: NodeJS.Signals) =>
  killContainer(arena.cluster, 'default', pod.metadata.name, undefined, signal);
const playersOf = ({ metadata }: ShownPod) => metadata.annotations?.['proffer.dev/counter.players'];

test('three real servers are ready once they answer their own protocol', async () => {
  await arena.apply(
    teeworlds('teeworlds', 1),
    pool(
      'openarena',
      1,
      { containerPort: 27_960 },
      { protocol: 'Quake3' },
      {
        image: 'localhost/proffer/openarena:0.8.8',
        command: undefined,
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      },
    ),
    pool(
      'bzflag',
      1,
      { containerPort: 5154, protocol: 'TCP' },
      { protocol: 'TCP', send: String.raw`BZFLAG\r\n\r\n`, expect: 'BZFS' },
      { image: 'localhost/proffer/bzflag:2.4.26', command: undefined },
    ),
  );
  for (const name of ['teeworlds', 'openarena', 'bzflag']) await ready(name, 1);
  for (const [name, players] of [
    ['teeworlds', '0/16'],
    ['openarena', '0/8'],
  ] as const)
    await expect.poll(async () => (await arena.servers(name)).map(playersOf)).toEqual([players]);
  await until('the sum', async () => (await arena.poolStatus('teeworlds')).playerCapacity === 16);
});

test('a server that hangs is replaced; one that is held stays, and is ready when it goes on', async () => {
  await arena.apply(teeworlds('hangs', 3));
  const [free, held] = await ready('hangs', 3);
  await arena.cluster.kubectl('label', 'pod', held!.metadata.name, 'proffer.dev/state=Allocated');
  await send(free!, 'SIGSTOP');
  await until('the free one to be replaced', async () => {
    const pods = await arena.servers('hangs');
    return pods.length === 3 && pods.every(({ metadata }) => metadata.uid !== free!.metadata.uid);
  });
  await ready('hangs', 3);
  await send(held!, 'SIGSTOP');
  await until('the held one is told of', async () => {
    const { readyReplicas, unhealthyReplicas } = await arena.poolStatus('hangs');
    return readyReplicas === 2 && unhealthyReplicas === 1;
  });
  await send(held!, 'SIGCONT');
  const servers = await ready('hangs', 3);
  expect(servers.map(({ metadata }) => metadata.uid)).toContain(held!.metadata.uid);
});
