import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { proffer } from './run.ts';

const NAMESPACE = 'proffer-system';
/** The one fake node. */
const NODE = 'fake-00000';
const CRDS = join(import.meta.dirname, '../../../crds');

let cluster: Cluster;

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
  cluster = await startCluster({ name: 'cli', fakeNodes: 1, kwok: true });
  await cluster.kubectl('create', 'namespace', NAMESPACE);
});
afterAll(() => cluster.down());

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
    const served = async () => (await cluster.kubectl('api-versions')).includes('proffer.dev/v1alpha1');
    await until('the API of Proffer', served);
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

  test('a holder whose Pod does not run', async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'waits', namespace: NAMESPACE },
      spec: { schedulerName: 'nobody', containers: [{ name: 'operator', image: 'none' }] },
    });
    await setHolder('waits');
    expect(await sentence('matrix')).toMatch(
      /^proffer: kubectl cannot forward a port to the leader waits: .*Pending/,
    );
  });

  test('rights that are missing are named', async () => {
    await cluster.kubectl('create', 'serviceaccount', 'reader', '--namespace', NAMESPACE);
    const mayGet = ['--verb=get', '--resource=leases,pods', '--namespace', NAMESPACE];
    await cluster.kubectl('create', 'role', 'lease', ...mayGet);
    // kubectl asks for nothing more while the Pod does not run.
    const runs = ['--subresource=status', '--patch={"status":{"phase":"Running"}}', '--namespace', NAMESPACE];
    await cluster.kubectl('patch', 'pod', 'waits', ...runs);
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
    await expect.poll(said).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^proffer: you may not read the operator: it takes the rights to get pods and to create pods\/portforward in/,
      ),
    });
  });
});

// That of a leader in a Pod, through kubectl, is tested where real Pods of the operator run: test/e2e/install.
describe('the command line reads an operator', () => {
  let operator: OperatorProcess;
  /** A command that reads the operator. */
  const ask = (...args: string[]) => proffer(...args, '--url', operator.debugUrl);

  beforeAll(async () => {
    await cluster.kubectl('delete', 'lease', 'proffer', '--namespace', NAMESPACE);
    operator = await OperatorProcess.start({
      kubeconfig: cluster.kubeconfigPath,
      identity: 'outside',
      flags: { namespace: NAMESPACE },
    });
    await apply({
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'GameServerPool',
      metadata: { name: 'arena', namespace: 'default' },
      spec: {
        replicas: 2,
        ports: [{ name: 'game', containerPort: 7777, protocol: 'UDP' }],
        template: {
          spec: { containers: [{ name: 'server', image: 'none', resources: { requests: { cpu: '10m' } } }] },
        },
      },
    });
    const placed = async () => (await ask('offers')).out.includes('gsp/default/arena');
    await until('the first offer to the pool', placed);
  });
  afterAll(async () => {
    if (operator?.running) await operator.kill();
  });

  test('offers, with their answers', async () => {
    const { code, out } = await ask('offers');
    expect(code).toBe(0);
    expect(out).toMatch(/^TIME +FRAMEWORK +ROLE +NODE +TASKS +RESOURCES +HOST PORTS +ANSWER\n/);
    expect(out).toMatch(new RegExp(`gsp/default/arena +default +${NODE} .*accepted`));
  });

  test('matrices, narrowed to a workload and a node', async () => {
    const { code, out } = await ask('matrix', 'gsp/default/arena', '--node', NODE);
    expect(code).toBe(0);
    expect(out).toContain('1 node, 1 demand class');
    for (const letter of ['S', 'D', 'A', 'B', 'C']) expect(out).toMatch(new RegExp(`^${letter}  `, 'm'));
  });

  test('roles, as JSON', async () => {
    const { code, out } = await ask('roles', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      roles: [{ name: 'default', frameworks: [{ id: 'gsp/default/arena' }] }],
    });
  });

  test('and servers, without the operator', async () => {
    const servers = async () => {
      const { out } = await read('servers', 'arena');
      return / Ready [^]* Ready /.test(out) ? out : undefined;
    };
    const out = await until('both servers to be ready', servers);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^NAME +POOL +STATE +ADDRESS +PLAYERS +SESSION +NODE +REVISION +AGE$/),
      expect.stringMatching(`^arena-0 +arena +Ready +- +- +- +${NODE} +[0-9a-f]{8} +\\d+s$`),
      expect.stringMatching(`^arena-1 +arena +Ready +- +- +- +${NODE} +[0-9a-f]{8} +\\d+s$`),
      '',
    ]);
  });

  test('and what the operator answers to a wrong question', async () => {
    const { code, err } = await ask('matrix', '--node', 'nowhere');
    expect({ code, err }).toEqual({ code: 1, err: 'proffer: there is no node "nowhere"\n' });
  });

  test('and says what to do when the leader is no Pod', async () => {
    const { code, err } = await read('roles');
    expect(code).toBe(1);
    expect(err).toMatch(/^proffer: the Lease names outside as the leader, and there is no such Pod .*--url/);
  });

  test('until SIGTERM ends it in good order and frees the Lease', async () => {
    await operator.stop();
    expect(operator.stray).toBe('');
    expect(operator.lines.at(-1)).toMatchObject({ msg: 'operator stopped' });
    const { err } = await read('roles');
    expect(err).toMatch(/^proffer: no replica of the operator leads/);
  });
});
