import { binaryPath } from './build.ts';
import { assertRunning, startDaemon } from './daemons.ts';
import type { ClusterContext } from './record.ts';
import { waitFor } from './wait.ts';

/**
 * Starts kwok, which plays the kubelets of the fake nodes: it renews their leases and takes their Pods through their
 * phases. Its built-in stages are used.
 * @throws ClusterError StartFailed
 */
export const startKwok = async ({ paths, layout }: ClusterContext): Promise<void> => {
  const address = `127.0.0.1:${layout.ports.kwok}`;
  await startDaemon(paths, {
    name: 'kwok',
    command: binaryPath('kwok'),
    args: [
      `--kubeconfig=${paths.kubeconfig}`,
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      `--server-address=${address}`,
      `--cidr=${layout.podRange}`,
    ],
  });
  await waitFor('kwok', async () => ((await fetch(`http://${address}/readyz`)).ok ? true : undefined), {
    timeoutMs: 60_000,
    check: () => assertRunning(paths, 'kwok'),
  });
};
