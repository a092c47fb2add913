import { recordedDaemon } from '../../hack/cluster/daemons.ts';
import type { Cluster } from '../../hack/cluster/index.ts';
import { ClusterPaths } from '../../hack/cluster/paths.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { Observer } from '../support/observer.ts';
import { forgetPeak, peakMib, usageOf } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { each, FEW, makeDeployment, makeNamespace, MANY } from './workload.ts';

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
  const bound = async (namespace: string, count: number, make: () => Promise<void>): Promise<number> => {
    const observer = new Observer(client, namespace);
    await observer.start();
    const start = performance.now();
    await make();
    await until(`${count} Pods are bound`, () => observer.boundAt.size >= count);
    await observer.stop();
    return (count * 1000) / (Math.max(...observer.boundAt.values()) - start);
  };
  forgetPeak(pid);
  const rate = await bound(MANY, pods, () =>
    each(pools, (i) => makeDeployment(client, MANY, `pool-${i}`, i, pods / pools)),
  );
  const peakRss = peakMib(pid);
  const burstRate = await bound(FEW, burst, () => makeDeployment(client, FEW, 'burst', 0, burst));
  return { rate, peakRss, burstRate, rss: usageOf(pid).rssMib };
}
