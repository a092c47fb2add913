import type { Allocation } from '../controllers/allocation/allocation.ts';
import type { KubeClient } from '../kube/client.ts';
import { Reviews } from '../kube/reviews.ts';
import type { Log } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { AllocationSettings } from '../options.ts';
import type { Metrics } from '../server/metrics.ts';
import type { Office } from './office.ts';

/** Serves the calls of matchmakers. The web framework costs memory, so that only who serves them loads it. */
export async function serveSessions(
  settings: AllocationSettings,
  lane: KubeClient,
  office: Office,
  metrics: Metrics,
  allocation: Allocation,
  { clock, log, mayWrite }: { clock: Clock; log: Log; mayWrite: () => boolean },
) {
  const { serveAllocation } = await import('../server/api/allocation-api.ts');
  return serveAllocation({
    ...settings,
    desk: allocation.desk,
    counters: allocation.counters,
    reviews: new Reviews(lane, clock),
    leads: mayWrite,
    leader: () => office.leaderAddress,
    clock,
    log,
    onCall: metrics.call,
  });
}
