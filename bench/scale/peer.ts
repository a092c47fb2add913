import { recordedDaemon } from '../../hack/cluster/daemons.ts';
import type { Cluster } from '../../hack/cluster/index.ts';
import { ClusterPaths } from '../../hack/cluster/paths.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { forgetPeak, peakMib, usageOf } from '../support/processes.ts';
import { each, FEW, makeDeployment, makeNamespace, MANY, untilBound } from './workload.ts';

/** What Deployments and kube-scheduler made of the same. */
export interface PeerResult {
  /** Pods bound a second, and the scheduler's peak, MiB, in filling. */
  readonly rate: number;
  readonly peakRss: number;
  readonly burstRate: number;
  readonly rss: number;
}

/** Fills a cluster by Deployments, then makes one more at once. @param pods all that are placed before it */
export async function measurePeer(
  cluster: Cluster,
  client: KubeClient,
  size: { readonly pods: number; readonly pools: number; readonly burst: number },
): Promise<PeerResult> {
  const { pid } = recordedDaemon(new ClusterPaths(cluster.name), 'kube-scheduler')!;
  const { pods, pools, burst } = size;
  await makeNamespace(client, FEW);
  forgetPeak(pid);
  const filledMs = await untilBound(client, MANY, pods, () =>
    each(pools, (i) => makeDeployment(client, MANY, `pool-${i}`, i, pods / pools)),
  );
  const peakRss = peakMib(pid);
  const burstMs = await untilBound(client, FEW, burst, () => makeDeployment(client, FEW, 'burst', 0, burst));
  return {
    rate: (pods * 1000) / filledMs,
    peakRss,
    burstRate: (burst * 1000) / burstMs,
    rss: usageOf(pid).rssMib,
  };
}
