import type { Log } from './build.ts';
import { checkoutExists } from './checkout.ts';
import { isAlive } from './identity.ts';
import type { ClusterPaths } from './paths.ts';
import { readRecord } from './record.ts';
import { clustersInSlots } from './slots.ts';
import { removeAny } from './take-down.ts';
import { withClusterLock } from './up.ts';

/**
 * Whether nobody can want a cluster any more: its checkout is gone, or the process that it was for (a test run that
 * was killed), or its start was cut short. The last can only be told with the cluster's lock held: `locked`.
 */
const isAbandoned = (paths: ClusterPaths, locked: boolean): boolean => {
  if (!checkoutExists(paths.checkout)) return true;
  const record = readRecord(paths);
  if (record?.process !== undefined && !isAlive(record.process)) return true;
  if (record?.phase === 'up') return false;
  return locked || record?.process === undefined;
};

/**
 * Removes the clusters of all checkouts that nobody can want any more, and no other.
 * @returns what was removed: `name checkout`
 * @throws ClusterError LeftOver naming what could not be removed
 */
export const pruneClusters = async (log: Log): Promise<string[]> => {
  const removed: string[] = [];
  for (const paths of clustersInSlots()) {
    // A cluster that is in use is not waited for.
    if (!isAbandoned(paths, false)) continue;
    await withClusterLock(paths, log, async () => {
      if (!isAbandoned(paths, true)) return;
      await removeAny(paths);
      removed.push(paths.owner);
    });
  }
  return removed;
};
