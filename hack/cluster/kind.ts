import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { binaryPath, type Log } from './build.ts';
import { ClusterError } from './errors.ts';
import { exec } from './exec.ts';
import { buildNodeImage, NODE_IMAGE, prepareKind } from './kind-image.ts';
import { assertClusterName } from './layout.ts';
import { swallowTraffic, stopSwallowing } from './network.ts';
import { cniConfig } from './node-config.ts';
import { ClusterPaths } from './paths.ts';
import { dockerRuns } from './preflight.ts';
import { assertProvider, type ClusterRecord, type KindNode, readRecord, writeRecord } from './record.ts';
import { type ClusterShape, describeShape } from './shape.ts';
import { type Lifetime, withClusterLock } from './up.ts';

const assertDocker = async (): Promise<void> => {
  if (await dockerRuns()) return;
  throw new ClusterError(
    'MissingTool',
    'provider kind needs a Docker engine: start one, put hack/cluster/with-docker before the command, or use --provider local',
  );
};

const kindName = (paths: ClusterPaths): string => `proffer-${paths.id}`;

const kind = (...args: string[]): Promise<string> => exec(binaryPath('kind'), args);
const kubectl = (paths: ClusterPaths, ...args: string[]): Promise<string> =>
  exec(binaryPath('kubectl'), ['--kubeconfig', paths.kubeconfig, ...args]);

/** The cluster's description for kind. What is not its default: Pods get their network from `connect`, and v1 of control groups will do. */
const config = (shape: ClusterShape): string =>
  stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { disableDefaultCNI: true, kubeProxyMode: 'nftables' },
    kubeadmConfigPatches: [stringify({ kind: 'KubeletConfiguration', failCgroupV1: false })],
    nodes: ['control-plane', ...Array.from({ length: shape.nodes }, () => 'worker')].map((role) => ({
      role,
      image: NODE_IMAGE,
    })),
  });

const NODES =
  'jsonpath={range .items[*]}{.metadata.name} {.status.addresses[?(@.type=="InternalIP")].address} {.spec.podCIDR}{"\\n"}{end}';

/**
 * Gives Pods their network, as kind's own daemon from a registry would: a bridge on every node, and a route to the Pods
 * of every other.
 * @returns the nodes, that of the control plane among them
 */
const connect = async (paths: ClusterPaths): Promise<KindNode[]> => {
  await kubectl(paths, 'wait', 'nodes', '--all', '--for=jsonpath={.spec.podCIDR}', '--timeout=2m');
  const lines = (await kubectl(paths, 'get', 'nodes', '-o', NODES)).trim().split('\n');
  const nodes = lines.map((line) => {
    const [name = '', address = '', podRange = ''] = line.split(' ');
    return { name, address, podRange };
  });
  for (const { name, podRange } of nodes) {
    const others = nodes.filter((other) => other.name !== name);
    const routes = others.map((other) => `ip route replace ${other.podRange} via ${other.address}`);
    const script = ['cat > /etc/cni/net.d/10-pods.conflist', ...routes].join(' && ');
    const input = cniConfig(podRange);
    await exec('docker', ['exec', '--interactive', name, 'sh', '-c', script], { input });
  }
  await kubectl(paths, 'wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=2m');
  return nodes;
};

const create = async (
  paths: ClusterPaths,
  shape: ClusterShape,
  lifetime: Lifetime,
  log: Log,
): Promise<ClusterRecord> => {
  const found = readRecord(paths);
  assertProvider(paths.name, found, 'kind');
  const clusters = await kind('get', 'clusters');
  if (found?.phase === 'up' && clusters.split('\n').includes(kindName(paths))) {
    log(`Cluster ${paths.name} is already up: kind, ${describeShape(found.shape)}.`);
    return found;
  }
  await kind('delete', 'cluster', '--name', kindName(paths));
  await buildNodeImage(log);
  log(`Starting cluster ${paths.name}: kind, ${describeShape(shape)}.`);
  mkdirSync(paths.dir, { recursive: true });
  const file = join(paths.dir, 'kind.yaml');
  writeFileSync(file, config(shape));
  const base = { provider: 'kind', slot: 0, shape, ...lifetime } as const;
  writeRecord(paths, { ...base, phase: 'starting', server: '' });
  const where = ['--name', kindName(paths), '--kubeconfig', paths.kubeconfig];
  await kind('create', 'cluster', '--config', file, ...where);
  const nodes = await connect(paths);
  const server = await kubectl(paths, 'config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}');
  const record: ClusterRecord = { ...base, phase: 'up', server, nodes };
  writeRecord(paths, record);
  return record;
};

/**
 * Starts a cluster in Docker by kind. It has what kind brings: the stock scheduler, its own node names.
 * @throws ClusterError MissingTool without a Docker engine; BadInput for what kind cannot do
 */
export const startKind = async (
  name: string,
  shape: ClusterShape,
  lifetime: Lifetime,
  log: Log,
): Promise<ClusterRecord> => {
  assertClusterName(name);
  if (shape.fakeNodes > 0 || shape.kwok || shape.fast)
    throw new ClusterError(
      'BadInput',
      'provider kind makes real nodes only: use --provider local for --fake-nodes, --kwok and --fast',
    );
  await assertDocker();
  await prepareKind(log);
  const paths = new ClusterPaths(name);
  return withClusterLock(paths, log, () => create(paths, shape, lifetime, log));
};

/** What can happen to a node of kind. The link to it is Docker's: a cut always swallows packets. */
export const kindFaults = (paths: ClusterPaths, { name }: KindNode) => {
  const pid = async (): Promise<number> =>
    Number(await exec('docker', ['inspect', '--format', '{{.State.Pid}}', name]));
  return {
    cut: async (): Promise<void> => swallowTraffic(await pid()),
    heal: async (): Promise<void> => stopSwallowing(await pid()),
    kill: async (): Promise<void> => void (await exec('docker', ['kill', name])),
    boot: async (): Promise<void> => {
      await exec('docker', ['start', name]);
      const running = 'until systemctl --quiet is-active kubelet; do sleep 0.1; done';
      await exec('docker', ['exec', name, 'sh', '-c', running]);
      await connect(paths);
    },
  };
};

/** Puts the images of an archive on every node. */
export const loadIntoKind = async (name: string, archive: string): Promise<void> => {
  await kind('load', 'image-archive', archive, '--name', kindName(new ClusterPaths(name)));
};

/** Removes the cluster's containers and its folder. */
export const removeKind = async (paths: ClusterPaths): Promise<void> => {
  await assertDocker();
  await kind('delete', 'cluster', '--name', kindName(paths));
  if (existsSync(paths.dir)) rmSync(paths.dir, { recursive: true });
};
