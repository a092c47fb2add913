/**
 * A node autoscaler and a pool: Karpenter, with kwok's nodes for a cloud, adds nodes for servers that find no room, and
 * takes them away when the pool shrinks, but for those on which somebody plays. Prints when what happened.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { applyCrds } from '../../test/support/crds.ts';
import { OperatorProcess } from '../../test/support/operator.ts';
import { poolManifest } from '../../test/support/workloads.ts';
import { binary, startCluster, type Cluster } from '../cluster/index.ts';
import { step, until } from './steps.ts';

/** Where Karpenter's module lies, which has its definitions too. */
const moduleFolder = (): string =>
  execFileSync('go', ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/karpenter'], {
    cwd: join(import.meta.dirname, '../cluster/build/karpenter'),
    encoding: 'utf8',
  }).trim();

/** Nodes of four cores, which go, all of them together if need be, half a minute after they are empty. */
const NODE_POOL = [
  { apiVersion: 'karpenter.kwok.sh/v1alpha1', kind: 'KWOKNodeClass', metadata: { name: 'default' } },
  {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'default' },
    spec: {
      template: {
        spec: {
          requirements: [
            { key: 'karpenter.kwok.sh/instance-cpu', operator: 'In', values: ['4'] },
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
          ],
          nodeClassRef: { name: 'default', kind: 'KWOKNodeClass', group: 'karpenter.kwok.sh' },
        },
      },
      disruption: {
        consolidationPolicy: 'WhenEmptyOrUnderutilized',
        consolidateAfter: '5s',
        // A tenth of the nodes at a time is Karpenter's default: of three, one after the other.
        budgets: [{ nodes: '100%' }],
      },
    },
  },
];

async function startKarpenter(cluster: Cluster, program: string): Promise<ChildProcess> {
  const module = moduleFolder();
  const definitions = [join(module, 'pkg/apis/crds'), join(module, 'kwok/apis/crds')];
  await cluster.kubectl('apply', '--server-side', ...definitions.flatMap((folder) => ['-f', folder]));
  const env = {
    ...process.env,
    KUBECONFIG: cluster.kubeconfigPath,
    SYSTEM_NAMESPACE: 'kube-system',
    KUBERNETES_MIN_VERSION: '1.33.0',
    DISABLE_LEADER_ELECTION: 'true',
    METRICS_PORT: '0',
    HEALTH_PROBE_PORT: '0',
  };
  const karpenter = spawn(program, [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000));
  for (const stream of [karpenter.stdout, karpenter.stderr]) stream.on('data', keep);
  return karpenter;
}

/** The last that Karpenter said: why it leaves a node alone stands nowhere else. */
let said = '';

/** Waits until Karpenter has so many nodes and the pool so many servers that are ready. */
async function settled(cluster: Cluster, nodes: number, servers: number): Promise<void> {
  const show = () => cluster.kubectl('get', 'nodes,gsp,pods', '-o', 'wide');
  const showAll = async () => `${await show()}\n${said.split('\n').slice(-30).join('\n')}`;
  const count = async (...what: string[]) =>
    (await cluster.kubectl('get', ...what, '-o', 'name')).split('\n').filter((line) => line !== '').length;
  await until(
    `${nodes} nodes and ${servers} servers`,
    240,
    async () => {
      const ready = await cluster.kubectl('get', 'gsp/arena', '-o', 'jsonpath={.status.readyReplicas}');
      const isThere = (await count('nodes', '-l', 'karpenter.sh/nodepool')) === nodes;
      return (isThere && Number(ready) === servers) || undefined;
    },
    showAll,
  );
  console.log(`\n${await show()}`);
}

async function main(): Promise<void> {
  const program = await step('Building Karpenter: two minutes, once', () => binary('karpenter'));
  const cluster = await step('Starting Kubernetes: a control plane, and no node for servers', () =>
    startCluster({ name: 'autoscaler', fakeNodes: 1, kwok: true, fakeNode: { cpu: '1' } }),
  );
  const { kubeconfigPath: kubeconfig } = cluster;
  let operator: OperatorProcess | undefined;
  let karpenter: ChildProcess | undefined;
  try {
    await cluster.kubectl('taint', 'node', '--all', 'only=system:NoSchedule');
    await applyCrds(cluster);
    operator = await OperatorProcess.start({ kubeconfig, identity: 'demo', flags: { 'stand-ins': '100' } });
    karpenter = await startKarpenter(cluster, program);
    const list = { apiVersion: 'v1', kind: 'List', items: NODE_POOL };
    await cluster.kubectlWithInput(JSON.stringify(list), 'apply', '-f', '-');
    await step('A pool of seven servers of one core each: three nodes come', async () => {
      const pool = poolManifest({ name: 'arena', replicas: 7, cpu: '1' });
      await cluster.kubectlWithInput(JSON.stringify(pool), 'apply', '-f', '-');
      await settled(cluster, 3, 7);
    });
    await step('Players get a server, and the pool shrinks to none: its node stays', async () => {
      await cluster.kubectl('label', 'pod', 'arena-0', 'proffer.dev/state=Allocated');
      await cluster.kubectl('scale', 'gsp/arena', '--replicas=0');
      await settled(cluster, 1, 1);
    });
    await step('The players are gone: so is the node', async () => {
      await cluster.kubectl('label', 'pod', 'arena-0', 'proffer.dev/state-');
      await settled(cluster, 0, 0);
    });
  } finally {
    karpenter?.kill();
    await operator?.kill();
    await cluster.down();
  }
}

try {
  await main();
} catch (error) {
  console.error(`\nnpm run autoscaler: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
