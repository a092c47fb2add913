import { binaryPath } from './build.ts';
import { assertRunning, startDaemon } from './daemons.ts';
import type { ClusterContext } from './record.ts';
import { waitFor } from './wait.ts';

/** Addresses that kwok gives to Pods: reserved ones, that no packet is ever sent to. */
const FAKE_POD_RANGE = '240.0.0.1/8';

/** As a kubelet's; without it kwok makes no leases and renews nodes' status alone. */
const LEASE_SECONDS = 40;

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
      `--node-lease-duration-seconds=${LEASE_SECONDS}`,
      `--server-address=${address}`,
      `--cidr=${FAKE_POD_RANGE}`,
    ],
  });
  await waitFor('kwok', async () => ((await fetch(`http://${address}/readyz`)).ok ? true : undefined), {
    timeoutMs: 60_000,
    check: () => assertRunning(paths, 'kwok'),
  });
};
