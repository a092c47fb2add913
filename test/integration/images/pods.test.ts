import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { buildImage, IMAGE_NAMES, type ImageName } from '../../../hack/images/index.ts';
import { queryOpenArena } from '../../../hack/query/openarena.ts';
import { queryTeeworlds } from '../../../hack/query/teeworlds.ts';
import { until } from '../../support/until.ts';
import { restrictedPod, type PodOptions, type PodView } from './pods.ts';

const NODE = 'node-1';

const RUN: ReadonlySet<ImageName> = new Set(['teeworlds', 'openarena', 'trainer', 'operator']);

let cluster: Cluster;
const refs = new Map<ImageName, string>();
beforeAll(async () => {
  cluster = await startCluster({ name: 'images', nodes: 1 });
  // All can be built. Those that no test here runs are large, and take a minute to load.
  for (const name of IMAGE_NAMES) {
    const { tar, ref } = await buildImage(name);
    refs.set(name, ref);
    if (RUN.has(name)) await cluster.loadImage(tar);
  }
});
afterAll(() => cluster.down());

/** Creates the Pod, on the cluster's only node. */
async function create(image: ImageName, name: string, options: Partial<PodOptions>): Promise<void> {
  const pod = restrictedPod({ name, image: refs.get(image) ?? '', node: NODE, ...options });
  await cluster.kubectlWithInput(JSON.stringify(pod), 'create', '-f', '-');
}

/** Waits until the Pod's containers have ended for good. */
function finished(name: string): Promise<PodView> {
  return until(`${name} to end`, async () => {
    const pod = JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as PodView;
    return ['Succeeded', 'Failed'].includes(pod.status.phase) ? pod : undefined;
  });
}

it.each([
  ['teeworlds', 8303, queryTeeworlds, { name: 'proffer', map: 'dm1', maxPlayers: 16 }],
  ['openarena', 27_960, queryOpenArena, { name: 'proffer', map: 'oa_ctf2', maxPlayers: 8 }],
] as const)(
  '%s answers at a port of its node, and is dead there once deleted',
  async (game, container, query, said) => {
    const host = container + 1;
    await create(game, game, { port: { container, host } });
    const { address } = cluster.node(NODE);
    const ask = () => query(address, host).catch((error: { code: string }) => error.code);
    const answer = await until(`${game} to answer`, async () => {
      const heard = await ask();
      return typeof heard === 'object' ? heard : undefined;
    });
    expect(answer).toMatchObject(said);
    await cluster.kubectl('delete', 'pod', game, '--grace-period=30');
    await until(`${game} to be dead`, async () => (await ask()) === 'refused');
  },
);

it('three training workers complete', async () => {
  const names = ['0', '1', '2'].map((index) => `trainer-${index}`);
  for (const [index, name] of names.entries()) {
    await create('trainer', name, { env: { PROFFER_WORKER_INDEX: `${index}`, PROFFER_WORLD_SIZE: '3' } });
  }
  for (const [index, name] of names.entries()) {
    const pod = await finished(name);
    const log = await cluster.kubectl('logs', name);
    expect(pod.status.phase, log).toBe('Succeeded');
    expect(log).toContain(`worker ${index} of 3: 18000 samples`);
  }
});

it('the operator image runs its command line', async () => {
  await create('operator', 'operator', { args: ['--help'] });
  const pod = await finished('operator');
  const log = await cluster.kubectl('logs', 'operator');
  expect(pod.status.phase, log).toBe('Succeeded');
  expect(log).toContain('operator');
});
