import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { parse } from 'yaml';
import { killContainer } from '../../hack/cluster/kill-container.ts';
import { askServer, serversOf, type Server } from '../../hack/demo/servers.ts';
import { buildImage, packImage, readRecipe } from '../../hack/images/index.ts';
import { Arena } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { until } from '../support/until.ts';

const example = parse(
  readFileSync(join(import.meta.dirname, '../../examples/gameserverpool.yaml'), 'utf8'),
) as { spec: object };

let arena: Arena;
let replicas: OperatorProcess[] = [];

const start = (identity: string) =>
  // As installed: the standby leads when nothing was heard of the leader for 8 s.
  OperatorProcess.start({
    kubeconfig: arena.cluster.kubeconfigPath,
    identity,
    flags: { 'lease-duration': '8' },
  });

beforeAll(async () => {
  const { tar } = await buildImage('teeworlds');
  arena = await Arena.start({ name: 'e2e-pool', nodes: 2, fast: false });
  await arena.cluster.loadImage(tar);
  replicas = [await start('replica-a'), await start('replica-b')];
});

afterEach(() => arena.clear());

afterAll(async () => {
  for (const replica of replicas) await replica.kill();
  await arena?.down();
});

/** The servers of a pool, once there are so many and each answers players at the address that its Pod tells. */
const answering = (pool: string, count: number): Promise<Server[]> => {
  onTestFailed(() => console.log(replicas.map((replica) => replica.tail(10)).join('\n')));
  return until(`${count} servers of ${pool} answer`, async () => {
    const servers = (await serversOf(arena.cluster, 'default', pool)).filter((s) => !s.deleting);
    if (servers.length !== count) return undefined;
    const answers = await Promise.all(servers.map(askServer));
    return answers.every((answer) => answer !== undefined) ? servers : undefined;
  });
};

test('the example: every server answers players on a host port of its own, as the pool grows and shrinks', async () => {
  await arena.cluster.kubectl('apply', '-f', 'examples/gameserverpool.yaml');
  const three = await answering('arena', 3);
  await arena.scale('arena', 6);
  const six = await answering('arena', 6);
  expect(six.map((s) => s.uid)).toEqual(expect.arrayContaining(three.map((s) => s.uid)));
  expect(new Set(six.map((s) => `${s.host}:${s.port}`)).size).toBe(6);
  for (const { port } of six) expect(port).toBeGreaterThanOrEqual(7000);
  await arena.scale('arena', 2);
  const two = await answering('arena', 2);
  expect(six.map((s) => s.uid)).toEqual(expect.arrayContaining(two.map((s) => s.uid)));
  expect((await arena.poolStatus('arena')).recovered).toBe(0);
});

test('another image, and more cpu, come to servers in place: they keep their Pods and ports, and answer players again', async () => {
  const recipe = await readRecipe(join(import.meta.dirname, '../../hack/images/recipes/teeworlds.yaml'));
  const next = await packImage({ ...recipe, tag: 'next' });
  await arena.cluster.loadImage(next.tar);
  const update = { strategy: 'InPlaceIfPossible', maxSurge: 0, maxUnavailable: 1 };
  await arena.apply({ ...example, spec: { ...example.spec, replicas: 2, update } });
  // A server may answer before its Pod says that it runs.
  const who = async () =>
    (await answering('arena', 2)).map(({ name, uid, node, host, port }) => [name, uid, node, host, port]);
  const before = await who();
  const path = '/spec/template/spec/containers/0/image';
  const patch = JSON.stringify([{ op: 'replace', path, value: next.ref }]);
  await arena.cluster.kubectl('patch', 'gsp/arena', '--type', 'json', '-p', patch);
  const updated = async () => {
    const { conditions = [], readyReplicas, updatedReplicas } = await arena.poolStatus('arena');
    const progress = conditions.find(({ type }) => type === 'Progressing');
    return readyReplicas === 2 && updatedReplicas === 2 && progress?.reason === 'RevisionAvailable';
  };
  await until('the image', updated);
  expect(await who()).toEqual(before);
  const pods = await arena.servers('arena');
  const images = pods.map(({ spec }) => spec.containers[0]);
  expect(images).toMatchObject([{ image: next.ref }, { image: next.ref }]);

  const requests = '/spec/template/spec/containers/0/resources/requests/cpu';
  const growth = JSON.stringify([{ op: 'replace', path: requests, value: '150m' }]);
  const { updateRevision } = await arena.poolStatus('arena');
  await arena.cluster.kubectl('patch', 'gsp/arena', '--type', 'json', '-p', growth);
  await until(
    'the cpu',
    async () => (await arena.poolStatus('arena')).updateRevision !== updateRevision && (await updated()),
  );
  expect(await who()).toEqual(before);
  const grown = (await arena.servers('arena')).map(({ spec }) => spec.containers[0]);
  expect(grown).toMatchObject([0, 1].map(() => ({ resources: { requests: { cpu: '150m' } } })));
  expect((await arena.poolStatus('arena')).recovered).toBe(0);
});

test('the leader and a server die together: the standby replaces the server within the time of the lease', async () => {
  await arena.apply({ ...example, spec: { ...example.spec, replicas: 3 } });
  const [victim] = await answering('arena', 3);
  const holder = await arena.cluster.kubectl(
    'get',
    'lease',
    'proffer',
    '-o',
    'jsonpath={.spec.holderIdentity}',
  );
  const leader = replicas.find((replica) => replica.identity === holder)!;
  const from = performance.now();
  await leader.kill();
  await killContainer(arena.cluster, 'default', victim!.name);
  const servers = await until('another server', async () => {
    const now = await answering('arena', 3);
    return now.some((s) => s.uid === victim!.uid) ? undefined : now;
  });
  console.log(
    `leader and server killed: all servers answer again after ${Math.round(performance.now() - from)} ms`,
  );
  expect(servers).toHaveLength(3);
  await until('it is counted once', async () => (await arena.poolStatus('arena')).recovered === 1);
});
