import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, IS_OLDEST, startCluster } from '../../../hack/cluster/index.ts';
import { CHART, helm, type HelmResult, REPOSITORY } from '../../chart/helm.ts';
import { until } from '../../support/until.ts';

const NAMESPACE = 'proffer-system';
const CRDS = ['gameserverclaims', 'gameserverpools', 'offerroles', 'trainingjobs'].map(
  (plural) => `${plural}.proffer.dev`,
);

const POOL = `
apiVersion: proffer.dev/v1alpha1
kind: GameServerPool
metadata: {name: lobby, namespace: default}
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: server
          image: example.com/server:1
          resources: {requests: {cpu: 100m, memory: 64Mi}}
`;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ name: 'chart-lifecycle' });
  await cluster.kubectl('create', 'namespace', NAMESPACE);
  await cluster.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
});
afterAll(() => cluster.down());

const run = (command: string, release: string, ...args: string[]): Promise<HelmResult> =>
  helm(command, release, ...args, '--namespace', NAMESPACE, '--kubeconfig', cluster.kubeconfigPath);

/** Runs Helm and insists on success. */
const did = async (...[command, release, ...args]: Parameters<typeof run>): Promise<HelmResult> => {
  const result = await run(command, release, ...args);
  expect(result.ok, result.stderr).toBe(true);
  return result;
};

const names = async (...query: string[]): Promise<string[]> =>
  (await cluster.kubectl('get', ...query, '--output=name')).split('\n').filter((line) => line !== '');

const definitions = async (): Promise<string[]> =>
  (await names('customresourcedefinitions')).map((name) => name.replace(/.*\//, '')).sort();

// One release from its first day to its last: each test goes on where the one before it stopped.
describe('a release', () => {
  test('installs with all that it needs, in a namespace that enforces "restricted"', async () => {
    const { stdout, stderr } = await did('install', 'proffer', CHART);
    expect(stdout).toContain('kubectl get gameserverpools');
    expect(stderr).toBe('');
    expect(await definitions()).toEqual(CRDS);
    await until(
      'the admission of two Pods',
      async () => (await names('pods', `--namespace=${NAMESPACE}`)).length === 2,
    );
    await cluster.kubectlWithInput(POOL, 'apply', '--filename=-');
  });

  // For the oldest Kubernetes the chart changes them.
  test.skipIf(IS_OLDEST)(
    'the API server stores the definitions as they are written, so that another manager agrees with Helm',
    async () => {
      const crds = join(REPOSITORY, 'crds');
      // Under another name it is refused with a conflict if any field came back otherwise than it was sent.
      await cluster.kubectl(
        'apply',
        '--server-side',
        '--field-manager=other',
        '--dry-run=server',
        '-f',
        crds,
      );
    },
  );

  test('the example of its notes is accepted', async () => {
    const { stdout } = await did('status', 'proffer');
    const [, example = ''] = /<<EOF\n([^]*?)\n +EOF/.exec(stdout) ?? [];
    expect(example).toContain('kind: GameServerPool');
    await cluster.kubectlWithInput(example, 'create', '--dry-run=server', '--filename=-');
  });

  test('the API server takes its flow schemas up', async () => {
    const dangling = async () => {
      const text = await cluster.kubectl(
        'get',
        'flowschemas',
        '--selector=app.kubernetes.io/name=proffer',
        '--output=jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Dangling")].status} {end}',
      );
      return text.trim().split(' ').sort();
    };
    await expect.poll(dangling).toEqual(['proffer-leader-election=False', 'proffer=False']);
  });

  test('an upgrade brings the definitions to the version of the chart', async () => {
    const field = [
      'spec',
      'versions',
      '0',
      'schema',
      'openAPIV3Schema',
      'properties',
      'status',
      'properties',
      'message',
    ];
    const stored = async (): Promise<unknown> => {
      const text = await cluster.kubectl('get', 'crd', 'gameserverpools.proffer.dev', '--output=json');
      return field.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], JSON.parse(text));
    };
    // What an older version's definition would be: a field that the operator writes is not there yet.
    const patch = JSON.stringify([{ op: 'remove', path: `/${field.join('/')}` }]);
    await cluster.kubectl('patch', 'crd', 'gameserverpools.proffer.dev', '--type=json', `--patch=${patch}`);
    expect(await stored()).toBeUndefined();
    await did('upgrade', 'proffer', CHART, '--set=config.logLevel=debug');
    expect(await stored()).toMatchObject({ type: 'string' });
  });

  test('the certificate that it made for the allocation API stays at upgrades, until its Secret is deleted', async () => {
    const secret = ['secret', 'proffer-allocation-tls', `--namespace=${NAMESPACE}`];
    const certificate = () => cluster.kubectl('get', ...secret, '--output=jsonpath={.data.tls\\.crt}');
    const enabled = '--set=allocation.enabled=true';
    await did('upgrade', 'proffer', CHART, enabled);
    const first = await certificate();
    await did('upgrade', 'proffer', CHART, enabled, '--set=config.logLevel=debug');
    expect(await certificate()).toBe(first);
    await cluster.kubectl('delete', ...secret);
    await did('upgrade', 'proffer', CHART, enabled);
    expect(await certificate()).not.toBe(first);
  });

  test('handing the definitions to somebody else does not delete them', async () => {
    await did('upgrade', 'proffer', CHART, '--set=crds.install=false');
    expect(await definitions()).toEqual(CRDS);
    await did('upgrade', 'proffer', CHART, '--reset-values');
  });

  test('an uninstall takes the operator away and leaves the definitions and the workloads', async () => {
    const { stdout } = await did('uninstall', 'proffer', '--wait');
    expect(stdout).toContain('gameserverpools.proffer.dev');
    expect(await definitions()).toEqual(CRDS);
    expect(await names('gameserverpools', '--namespace=default')).toEqual([
      'gameserverpool.proffer.dev/lobby',
    ]);
    const ours = '--selector=app.kubernetes.io/name=proffer';
    expect(await names('clusterroles,clusterrolebindings,flowschemas', ours)).toEqual([]);
    expect(await names('deployments,services,roles,rolebindings', '--all-namespaces', ours)).toEqual([]);
  });

  test('another release name is refused, and may take over when told so', async () => {
    const refused = await run('install', 'other', CHART);
    expect(refused.ok).toBe(false);
    expect(refused.stderr).toContain('invalid ownership metadata');
    await did('install', 'other', CHART, '--take-ownership');
    await did('uninstall', 'other', '--wait');
    expect(await definitions()).toEqual(CRDS);
  });
});
