import { removeNodeCgroup } from './cgroups.ts';
import { killDaemon } from './daemons.ts';
import type { NodeLayout } from './layout.ts';
import { pullCable, restoreTraffic, swallowTraffic, unplug } from './network.ts';
import type { ClusterPaths } from './paths.ts';
import { firstProcess, nodeDaemons, startNode, waitForReady } from './real-node.ts';
import type { ClusterContext } from './record.ts';
import { isAlive, identityOf } from './identity.ts';
import { waitFor } from './wait.ts';

/** Takes a node off the network. */
export const cutNode = async (paths: ClusterPaths, node: NodeLayout, silent: boolean): Promise<void> => {
  const pid = firstProcess(paths, node.name);
  await (silent ? swallowTraffic(pid) : pullCable(node));
};

/** Puts a node back on the network. */
export const healNode = async (paths: ClusterPaths, node: NodeLayout): Promise<void> => {
  await restoreTraffic(node, firstProcess(paths, node.name));
};

/** Power loss. The kernel kills all processes of a PID namespace with its first. */
export const killNode = async (paths: ClusterPaths, node: NodeLayout): Promise<void> => {
  const first = identityOf(firstProcess(paths, node.name));
  if (first !== undefined && isAlive(first)) process.kill(first.pid, 'SIGKILL');
  for (const daemon of nodeDaemons(node.name)) await killDaemon(paths, daemon);
  await waitFor(`the end of node ${node.name}`, () => (first && isAlive(first) ? undefined : true), {
    timeoutMs: 30_000,
    intervalMs: 10,
  });
  await unplug(node);
  await removeNodeCgroup(node.cgroup);
};

/** Power on after a power loss. */
export const bootNode = async (context: ClusterContext, node: NodeLayout): Promise<void> => {
  await startNode(context, node);
  await waitForReady(context, node);
};
