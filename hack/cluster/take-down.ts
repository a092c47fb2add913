import type { Log } from './build.ts';
import { removeKind } from './kind.ts';
import type { ClusterPaths } from './paths.ts';
import { readRecord } from './record.ts';
import { removeCluster } from './teardown.ts';
import { withClusterLock } from './up.ts';

/** Removes a cluster, whatever runs it. Call with the cluster's lock held. */
export const removeAny = (paths: ClusterPaths): Promise<void> =>
  readRecord(paths)?.provider === 'kind' ? removeKind(paths) : removeCluster(paths);

/**
 * Takes a cluster down; nothing to do when there is none.
 * @throws ClusterError LeftOver naming what could not be removed
 */
export const takeDown = (paths: ClusterPaths, log: Log): Promise<void> =>
  withClusterLock(paths, log, () => removeAny(paths));
