import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from './api.ts';
import { binaryPath } from './build.ts';
import { makeCertificate } from './certificates.ts';
import { DAEMON_GROUP, makeNodeCgroup } from './cgroups.ts';
import { assertRunning, recordedDaemon, startDaemon } from './daemons.ts';
import { ClusterError } from './errors.ts';
import { tryExec } from './exec.ts';
import { isAlive } from './identity.ts';
import { importImage } from './images.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type NodeLayout, nodeLayoutOf } from './layout.ts';
import { plugIn } from './network.ts';
import { cniConfig, containerdConfig, kubeletConfig, kubeletFiles, kubeProxyConfig } from './node-config.ts';
import { pauseArchive, pauseProgram } from './pause.ts';
import type { ClusterPaths } from './paths.ts';
import { findProgram } from './preflight.ts';
import type { ClusterContext } from './record.ts';
import { waitFor } from './wait.ts';

const script = (name: string): string => join(import.meta.dirname, 'node', name);

/** Names of a node's daemons in pid files and logs; `machine` is the process whose end ends them all. */
export const nodeDaemons = (node: string): string[] =>
  ['machine', 'containerd', 'kubelet', 'kube-proxy'].map((daemon) => `${node}.${daemon}`);

/**
 * The pid of the node's first process, by which its namespaces are entered.
 * @throws ClusterError NotRunning when the node is switched off
 */
export const firstProcess = (paths: ClusterPaths, node: string): number => {
  const machine = recordedDaemon(paths, `${node}.machine`);
  if (machine !== undefined && isAlive(machine)) {
    const child = Number(readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8').trim());
    if (child > 0) return child;
  }
  throw new ClusterError('NotRunning', `node ${node} is switched off: boot it first`);
};

/** Writes what stays on a node's disk: its configuration, certificate and the `pause` program. */
export const installNode = async (context: ClusterContext, node: NodeLayout): Promise<void> => {
  const { paths, layout, server, shape } = context;
  const dir = paths.node(node.name);
  mkdirSync(join(dir, kubeletFiles.cni), { recursive: true });
  // The last is for local volumes: /var/lib/disks/disk-1 on the node.
  for (const folder of ['lib', 'log', 'lib/disks/disk-1']) mkdirSync(join(dir, folder), { recursive: true });
  copyFileSync(await pauseProgram(), join(dir, 'pause'));
  await makeCertificate(paths.pki, {
    name: node.name,
    subject: `/O=system:nodes/CN=system:node:${node.name}`,
    names: [`DNS:${node.name}`, `IP:${node.address}`],
  });
  writeKubeconfig(join(dir, 'kubelet.kubeconfig'), paths.pki, server, node.name);
  const machine = { memoryBytes: totalmem(), cpus: cpus().length, nodes: shape.nodes };
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text);
  write(kubeletFiles.containerd, containerdConfig(paths, node, findProgram('runc') ?? 'runc'));
  write(join(kubeletFiles.cni, '10-pods.conflist'), cniConfig(node.podRange));
  write(kubeletFiles.kubelet, kubeletConfig(paths, layout, node, machine, shape.fast));
  write(kubeletFiles.kubeProxy, kubeProxyConfig(layout, node, join(paths.pki, 'kube-proxy.kubeconfig')));
  write(kubeletFiles.resolvConf, `nameserver ${layout.gateway}\n`);
};

const startMachine = async (context: ClusterContext, node: NodeLayout): Promise<number> => {
  const { paths, layout, shape } = context;
  const name = `${node.name}.machine`;
  await startDaemon(paths, {
    name,
    command: 'unshare',
    args: [
      '--mount',
      '--pid',
      '--uts',
      '--ipc',
      '--net',
      '--fork',
      '--kill-child',
      '--propagation=private',
      '--mount-proc',
      'sh',
      script('init.sh'),
      node.name,
      paths.node(node.name),
    ],
  });
  // The namespaces are a node when init.sh has become `pause`.
  const pid = await waitFor(
    `node ${node.name}'s first process`,
    () => {
      const child = firstProcess(paths, node.name);
      return readFileSync(`/proc/${child}/comm`, 'utf8') === 'pause\n' ? child : undefined;
    },
    { timeoutMs: 30_000, intervalMs: 10, check: () => assertRunning(paths, name) },
  );
  const others = Array.from({ length: shape.nodes }, (_, index) => nodeLayoutOf(layout, index + 1)).filter(
    (other) => other.index !== node.index,
  );
  await plugIn(layout, node, pid, others);
  return pid;
};

const startContainerd = async (
  paths: ClusterPaths,
  node: NodeLayout,
  run: (daemon: string, command: string, ...args: string[]) => Promise<unknown>,
): Promise<void> => {
  rmSync(paths.containerdSocket(node.name), { force: true });
  const config = join(paths.node(node.name), kubeletFiles.containerd);
  await run('containerd', binaryPath('containerd'), '--config', config);
  const version = ['--address', paths.containerdSocket(node.name), 'version'];
  await waitFor(
    `containerd on ${node.name}`,
    async () => ((await tryExec(binaryPath('ctr'), version)).status === 0 ? true : undefined),
    { timeoutMs: 60_000, check: () => assertRunning(paths, `${node.name}.containerd`) },
  );
};

/**
 * Switches a node on: namespaces, network, containerd, kubelet, kube-proxy. The kubelet gives up when containerd
 * does not answer, so they start one after the other.
 * @throws ClusterError StartFailed
 */
export const startNode = async (context: ClusterContext, node: NodeLayout): Promise<void> => {
  const { paths } = context;
  const dir = paths.node(node.name);
  makeNodeCgroup(node.cgroup);
  const pid = await startMachine(context, node);
  const run = (daemon: string, command: string, ...args: string[]): Promise<unknown> =>
    startDaemon(paths, {
      name: `${node.name}.${daemon}`,
      command: 'sh',
      args: [script('enter.sh'), String(pid), `${node.cgroup}/${DAEMON_GROUP}`, command, ...args],
    });
  await startContainerd(paths, node, run);
  await importImage(paths, node.name, await pauseArchive());
  await run(
    'kubelet',
    binaryPath('kubelet'),
    `--config=${join(dir, kubeletFiles.kubelet)}`,
    `--kubeconfig=${join(dir, 'kubelet.kubeconfig')}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
  );
  await run('kube-proxy', binaryPath('kube-proxy'), `--config=${join(dir, kubeletFiles.kubeProxy)}`);
};

/** Waits until the API server says of the node what `wanted` asks for. */
export const waitForReady = async (context: ClusterContext, node: NodeLayout): Promise<void> => {
  const { paths, server } = context;
  const api = new ApiClient(server, paths.pki);
  const daemons = nodeDaemons(node.name);
  try {
    await waitFor(
      `node ${node.name} Ready`,
      async () => {
        const nodes = await api.list(`/api/v1/nodes?fieldSelector=metadata.name%3D${node.name}`);
        const ready = nodes[0]?.status?.conditions?.find(({ type }) => type === 'Ready');
        return ready?.status === 'True' ? true : undefined;
      },
      {
        timeoutMs: 120_000,
        intervalMs: 100,
        check: () => daemons.forEach((name) => assertRunning(paths, name)),
      },
    );
  } finally {
    await api.close();
  }
};
