import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, openCluster, pruneClusters, startCluster } from '../../../hack/cluster/index.ts';
import { ClusterPaths } from '../../../hack/cluster/paths.ts';
import { findSlot } from '../../../hack/cluster/slots.ts';

const root = join(import.meta.dirname, '../../..');
const name = `twin-${process.pid}`;
const killed = `killed-${process.pid}`;
const run = promisify(execFile);

let copy: string;
let cluster: Cluster;

/** Runs the cluster command of the other checkout. */
const other = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [join(copy, 'hack/cluster/main.ts'), ...args])).stdout;

const answers = (): Promise<string> => cluster.kubectl('get', '--raw', '/readyz');

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'checkout-'));
  for (const part of ['hack', 'src/lib', 'package.json'])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  cluster = await startCluster({ name });
});

afterAll(async () => {
  await cluster?.down();
  await rm(copy, { recursive: true, force: true });
  await pruneClusters(() => undefined);
});

test('two checkouts have a cluster each of one name, and take down their own', async () => {
  await other('up', '--name', name, '--control-plane');
  expect(await other('status')).toContain(`(${name} belongs to the checkout ${root})`);
  const kubeconfig = (await other('kubeconfig', '--name', name)).trim();
  expect(kubeconfig).not.toBe(cluster.kubeconfigPath);
  expect(await other('down', '--all')).toBe(`Cluster ${name} is down: nothing left.\n`);
  expect(await answers()).toBe('ok');
});

test('a cluster of a test run that was killed is removed, one whose run lives is not', async () => {
  const program = `
    import { startCluster } from '${join(root, 'hack/cluster/index.ts')}';
    await startCluster({ name: '${killed}' });
    console.log('up');
    setInterval(() => {}, 1000);
  `;
  const testRun = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(testRun.stdout, 'data');
  const paths = new ClusterPaths(killed);
  expect(await pruneClusters(() => undefined)).not.toContain(paths.owner);
  await expect(startCluster({ name: killed })).rejects.toThrow(`is in use by process ${testRun.pid}`);
  testRun.kill('SIGKILL');
  await once(testRun, 'exit');
  expect(await pruneClusters(() => undefined)).toContain(paths.owner);
  expect(findSlot(paths)).toBeUndefined();
  expect(await answers()).toBe('ok');
});

test('a cluster that is kept goes with its checkout, not with the command that started it', async () => {
  await other('up', '--name', name, '--control-plane');
  const kept = `${name} ${copy}`;
  expect(await pruneClusters(() => undefined)).not.toContain(kept);
  await rm(copy, { recursive: true });
  expect(await pruneClusters(() => undefined)).toContain(kept);
  expect(openCluster(name).server).toBe(cluster.server);
  expect(await answers()).toBe('ok');
});
