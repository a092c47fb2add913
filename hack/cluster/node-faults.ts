import { removeNodeCgroup } from './cgroups.ts';
import { isRunning, killDaemon, killProcess } from './daemons.ts';
import type { NodeLayout } from './layout.ts';
import { pullCable, restoreTraffic, swallowTraffic, unplug } from './network.ts';
import type { ClusterPaths } from './paths.ts';
import { firstProcess, nodeDaemons, startNode, waitForReady } from './real-node.ts';
import type { ClusterContext } from './record.ts';
import { identityOf } from './identity.ts';

/** Takes a node off the network. */
export const cutNode = async (paths: ClusterPaths, node: NodeLayout, silent: boolean): Promise<void> => {
  const pid = firstProcess(paths, node.name);
  await (silent ? swallowTraffic(pid) : pullCable(node));
};

/** Puts a node back on the network. */
export const healNode = async (paths: ClusterPaths, node: NodeLayout): Promise<void> => {
  await restoreTraffic(node, firstProcess(paths, node.name));
};

/** Ends whatever of a node is there: all of it, or what a cut-short boot left. */
const switchOff = async (paths: ClusterPaths, node: NodeLayout): Promise<void> => {
  for (const daemon of nodeDaemons(node.name)) await killDaemon(paths, daemon);
  await unplug(node);
  await removeNodeCgroup(node.cgroup);
};

/** Power loss. The kernel kills all processes of a PID namespace with its first. */
export const killNode = async (paths: ClusterPaths, node: NodeLayout): Promise<void> => {
  const first = identityOf(firstProcess(paths, node.name));
  if (first !== undefined) await killProcess(first);
  await switchOff(paths, node);
};

/** Power on; nothing to do for a node that is on. */
export const bootNode = async (context: ClusterContext, node: NodeLayout): Promise<void> => {
  const { paths } = context;
  if (!nodeDaemons(node.name).every((daemon) => isRunning(paths, daemon))) {
    await switchOff(paths, node);
    await startNode(context, node);
  }
  await waitForReady(context, node);
};
