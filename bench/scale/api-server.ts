import { readFileSync } from 'node:fs';
import { isRunning, killDaemon, recordedDaemon, startDaemon } from '../../hack/cluster/daemons.ts';
import { ClusterPaths } from '../../hack/cluster/paths.ts';
import type { Cluster } from '../../hack/cluster/index.ts';
import { until } from '../support/until.ts';

/** Kills the API server and starts it again: every watch ends, and none can go on from where it was. */
export async function restartApiServer(cluster: Cluster): Promise<void> {
  const paths = new ClusterPaths(cluster.name);
  const name = 'kube-apiserver';
  const { pid } = recordedDaemon(paths, name)!;
  const [command, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  await killDaemon(paths, name);
  await until('the API server is ready', async () => {
    // Its port is in use for as long as connections of the one before are being closed.
    if (!isRunning(paths, name)) await startDaemon(paths, { name, command: command!, args });
    return cluster.kubectl('get', '--raw', '/readyz').then(
      () => true,
      () => false,
    );
  });
}
