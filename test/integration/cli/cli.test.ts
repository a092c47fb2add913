import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { waitFor } from '../../../hack/cluster/wait.ts';
import { proffer, startProffer } from './run.ts';

const NAMESPACE = 'proffer-system';
const CRDS = join(import.meta.dirname, '../../../crds');

let cluster: Cluster;
let operator: ChildProcess | undefined;

/** A command against the cluster. */
const read = (...args: string[]) => proffer(...args, '--kubeconfig', cluster.kubeconfigPath);
const apply = (object: object) => cluster.kubectlWithInput(JSON.stringify(object), 'apply', '-f', '-');
const setHolder = (holderIdentity: string) =>
  apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'proffer', namespace: NAMESPACE },
    spec: { holderIdentity, leaseDurationSeconds: 15 },
  });

beforeAll(async () => {
  // A real node, since with it the API server has an address at which it can reach an operator that runs beside it.
  cluster = await startCluster({ name: 'cli', nodes: 1 });
  await cluster.kubectl('create', 'namespace', NAMESPACE);
});
afterAll(async () => {
  operator?.kill('SIGKILL');
  await cluster.down();
});

describe('the command line says in one sentence why there is nothing to read', () => {
  const sentence = async (...args: string[]) => {
    const { code, out, err } = await read(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trim().split('\n')).toHaveLength(1);
    return err.trim();
  };

  test('no CRDs: Proffer is not installed', async () => {
    expect(await sentence('roles')).toBe(
      'proffer: Proffer is not installed in this cluster: install its Helm chart, or choose another cluster with --context',
    );
  });

  test('no Lease: nobody has led', async () => {
    await cluster.kubectl('apply', '-f', CRDS);
    const served = async () =>
      (await cluster.kubectl('api-versions')).includes('proffer.dev/v1alpha1') || undefined;
    await waitFor('the API of Proffer', served, { timeoutMs: 60_000 });
    expect(await sentence('roles')).toMatch(
      /^proffer: no operator has led in namespace proffer-system yet: .*--namespace/,
    );
  });

  test('a Lease without a holder: nobody leads now', async () => {
    await setHolder('');
    expect(await sentence('offers')).toMatch(/^proffer: no replica of the operator leads: .*get pods/);
  });

  test('a holder without a Pod', async () => {
    await setHolder('gone');
    expect(await sentence('matrix')).toMatch(
      /^proffer: the Lease names gone as the leader, and there is no such Pod in namespace proffer-system: .*--url/,
    );
  });

  test('rights that are missing are named', async () => {
    await cluster.kubectl('create', 'serviceaccount', 'reader', '--namespace', NAMESPACE);
    await cluster.kubectl(
      'create',
      'role',
      'lease',
      '--verb=get',
      '--resource=leases',
      '--namespace',
      NAMESPACE,
    );
    const account = `--serviceaccount=${NAMESPACE}:reader`;
    await cluster.kubectl(
      'create',
      'rolebinding',
      'lease',
      '--role=lease',
      account,
      '--namespace',
      NAMESPACE,
    );
    const token = await cluster.kubectl('create', 'token', 'reader', '--namespace', NAMESPACE);
    const config = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '--output=json')) as {
      users: { user: object }[];
    };
    config.users[0]!.user = { token: token.trim() };
    const file = join(cluster.kubeconfigPath, '..', 'reader.kubeconfig');
    await writeFile(file, JSON.stringify(config));
    // Until the authorizer has taken the role up, the first right that is missing is another.
    const said = () => proffer('roles', '--kubeconfig', file);
    await expect.poll(said, { timeout: 60_000, interval: 250 }).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^proffer: you may not read the operator: it takes the right to get pods\/proxy in namespace/,
      ),
    });
  });
});

describe('the command line reads the leader', () => {
  beforeAll(async () => {
    // The operator runs on this machine under the name of a Pod that has the machine's address.
    const host = new URL(cluster.server).hostname;
    await cluster.kubectl('delete', 'lease', 'proffer', '--namespace', NAMESPACE);
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'proffer-0', namespace: NAMESPACE },
      spec: { schedulerName: 'nobody', containers: [{ name: 'operator', image: 'none' }] },
    });
    const status = JSON.stringify({ status: { podIP: host, podIPs: [{ ip: host }] } });
    const where = ['--namespace', NAMESPACE, '--subresource=status', '--type=merge', '--patch', status];
    await cluster.kubectl('patch', 'pod', 'proffer-0', ...where);
    operator = startProffer(
      'operator',
      '--kubeconfig',
      cluster.kubeconfigPath,
      '--identity',
      'proffer-0',
      '--http-address',
      `${host}:8080`,
    );
    operator.stdout?.resume();
    await apply({
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'GameServerPool',
      metadata: { name: 'arena', namespace: 'default' },
      spec: {
        replicas: 2,
        template: {
          spec: { containers: [{ name: 'server', image: 'none', resources: { requests: { cpu: '10m' } } }] },
        },
      },
    });
    const placed = async () => (await read('offers')).out.includes('gsp/default/arena') || undefined;
    await waitFor('the first offer to the pool', placed, { timeoutMs: 120_000 });
  });

  test('offers, with their answers', async () => {
    const { code, out } = await read('offers');
    expect(code).toBe(0);
    expect(out).toMatch(/^TIME +FRAMEWORK +ROLE +NODE +TASKS +RESOURCES +HOST PORTS +ANSWER\n/);
    expect(out).toMatch(new RegExp(`gsp/default/arena +default +${cluster.nodeNames[0]} .*accepted`));
  });

  test('matrices, narrowed to a workload and a node', async () => {
    const { code, out } = await read('matrix', 'gsp/default/arena', '--node', cluster.nodeNames[0]!);
    expect(code).toBe(0);
    expect(out).toContain('1 node, 1 demand class');
    for (const letter of ['S', 'D', 'A', 'B', 'C']) expect(out).toMatch(new RegExp(`^${letter}  `, 'm'));
  });

  test('roles, as JSON', async () => {
    const { code, out } = await read('roles', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      roles: [{ name: 'default', frameworks: [{ id: 'gsp/default/arena' }] }],
    });
  });

  test('and what the operator answers to a wrong question', async () => {
    const { code, err } = await read('matrix', '--node', 'nowhere');
    expect({ code, err }).toEqual({ code: 1, err: 'proffer: there is no node "nowhere"\n' });
  });

  test('directly with --url', async () => {
    const url = `http://${new URL(cluster.server).hostname}:8080`;
    const { code, out } = await proffer('roles', '--url', url);
    expect(code).toBe(0);
    expect(out).toContain('gsp/default/arena');
  });

  test('until SIGTERM ends it in good order and frees the Lease', async () => {
    const ended = once(operator!, 'exit');
    operator!.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const { err } = await read('roles');
    expect(err).toMatch(/^proffer: no replica of the operator leads/);
  });
});
