import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../hack/cluster/index.ts';
import { buildImage } from '../../../hack/images/index.ts';
import { CHART } from '../../chart/helm.ts';
import { proffer } from '../../integration/cli/run.ts';
import { metricsOf } from './metrics.ts';
import { applyExample, isReady, leader, NAMESPACE, type Pod, replicas, runHelm, servers } from './release.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ name: `install-${process.pid}`, nodes: 3, log: () => undefined });
  for (const image of ['operator', 'teeworlds'] as const)
    await cluster.loadImage((await buildImage(image)).tar);
  await cluster.kubectl('create', 'namespace', NAMESPACE);
  await cluster.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
});
afterAll(() => cluster.down());

const uids = (pods: Pod[]): string[] => pods.map(({ metadata }) => metadata.uid).sort();

const readyServers = async (): Promise<number> => (await servers(cluster, 'arena')).filter(isReady).length;

// One release from its first day to its last: each test goes on where the one before it stopped.
describe('a release on three nodes', () => {
  test('is two ready replicas on two nodes, of which one leads', async () => {
    await runHelm(cluster, 'install', 'proffer', CHART, '--wait', '--timeout=3m');
    const pods = await replicas(cluster);
    expect(pods.map(isReady)).toEqual([true, true]);
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
    await expect
      .poll(() => leader(cluster))
      .toSatisfy((name) => pods.some((pod) => pod.metadata.name === name));
    const leading = async (): Promise<Record<string, number | undefined>> =>
      Object.fromEntries(
        await Promise.all(
          pods.map(async ({ metadata: { name } }) => {
            const samples = await metricsOf(cluster, name);
            return [name, samples.find((sample) => sample.name === 'proffer_leader')?.value] as const;
          }),
        ),
      );
    const name = await leader(cluster);
    const want = Object.fromEntries(
      pods.map(({ metadata }) => [metadata.name, metadata.name === name ? 1 : 0]),
    );
    await expect.poll(leading).toEqual(want);
  });

  test('places game servers', async () => {
    await applyExample(cluster, 'gameserverpool');
    await expect.poll(readyServers).toBe(3);
  });

  test('lets those who bear the Role proffer-reader look inside the leader, and nobody reach it otherwise', async () => {
    const make = (...args: string[]) => cluster.kubectl('create', ...args, '-n', NAMESPACE);
    await make('serviceaccount', 'looker');
    await make('rolebinding', 'looker', '--role=proffer-reader', `--serviceaccount=${NAMESPACE}:looker`);
    const config = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '-o', 'json')) as {
      users: { user: object }[];
    };
    config.users[0]!.user = { token: (await make('token', 'looker')).trim() };
    const file = join(cluster.kubeconfigPath, '..', 'looker.kubeconfig');
    await writeFile(file, JSON.stringify(config));
    // The authorizer takes a new binding up a moment after it was made.
    await expect
      .poll(() => proffer('roles', '--kubeconfig', file))
      .toMatchObject({ code: 0, err: '', out: expect.stringContaining('gsp/default/arena') as string });
    const proxied = `/api/v1/namespaces/${NAMESPACE}/pods/${await leader(cluster)}:8082/proxy/debug/roles`;
    await expect(cluster.kubectl('get', '--raw', proxied)).rejects.toThrow(/connection refused/);
  });

  test('an upgrade with other values replaces the replicas and leaves the game servers alone', async () => {
    const before = {
      replicas: uids(await replicas(cluster)),
      servers: uids(await servers(cluster, 'arena')),
    };
    const values = ['--set=config.logLevel=debug', '--set=config.hostPorts=7100-7200'];
    await runHelm(cluster, 'upgrade', 'proffer', CHART, ...values, '--wait', '--timeout=3m');
    await expect.poll(async () => (await replicas(cluster)).length).toBe(2);
    const after = await replicas(cluster);
    expect(after.map(isReady)).toEqual([true, true]);
    expect(uids(after).filter((uid) => before.replicas.includes(uid))).toEqual([]);
    for (const { spec } of after)
      expect(spec.containers[0]?.args?.join(' ')).toContain('--host-ports 7100-7200');
    await cluster.kubectl('scale', 'gameserverpool/arena', '--replicas=4');
    await expect.poll(readyServers).toBe(4);
    expect(uids(await servers(cluster, 'arena'))).toEqual(expect.arrayContaining(before.servers));
  });

  test('when the leader is killed the standby takes over and goes on placing', async () => {
    const old = await leader(cluster);
    const before = uids(await servers(cluster, 'arena'));
    await cluster.kubectl('delete', 'pod', old, '-n', NAMESPACE, '--grace-period=0', '--force');
    await expect.poll(() => leader(cluster)).toSatisfy((name) => name !== '' && name !== old);
    await cluster.kubectl('scale', 'gameserverpool/arena', '--replicas=5');
    await expect.poll(readyServers).toBe(5);
    expect(uids(await servers(cluster, 'arena'))).toEqual(expect.arrayContaining(before));
    await expect.poll(async () => (await replicas(cluster)).filter(isReady).length).toBe(2);
  });

  test('no replica was restarted by its probes', async () => {
    const restarts = (await replicas(cluster)).flatMap(({ status }) => status.containerStatuses ?? []);
    expect(restarts.map(({ restartCount }) => restartCount)).toEqual([0, 0]);
  });

  test('an uninstall leaves the definitions and the running game servers', async () => {
    const before = uids(await servers(cluster, 'arena'));
    await runHelm(cluster, 'uninstall', 'proffer', '--wait');
    await expect.poll(() => replicas(cluster)).toEqual([]);
    expect(await cluster.kubectl('get', 'gameserverpool', 'arena', '-o', 'name')).toContain('arena');
    const left = await servers(cluster, 'arena');
    expect(uids(left)).toEqual(before);
    expect(left.map(isReady)).toEqual(left.map(() => true));
  });

  test('an install after that takes the same game servers over', async () => {
    const before = uids(await servers(cluster, 'arena'));
    await runHelm(cluster, 'install', 'proffer', CHART, '--wait', '--timeout=3m');
    await cluster.kubectl('scale', 'gameserverpool/arena', '--replicas=6');
    await expect.poll(readyServers).toBe(6);
    expect(uids(await servers(cluster, 'arena'))).toEqual(expect.arrayContaining(before));
  });
});
