import { existsSync, rmSync } from 'node:fs';
import { memoryFolder } from './control-plane.ts';
import { killMarked, markedProcesses } from './daemons.ts';
import { ClusterError } from './errors.ts';
import type { Layout } from './layout.ts';
import { layoutOf } from './layout.ts';
import { networkLeftovers, removeNetwork } from './network.ts';
import { cgroupLeftovers, removeCgroups } from './cgroups.ts';
import type { ClusterPaths } from './paths.ts';
import { findSlot, releaseSlot } from './slots.ts';

/** What of a cluster still is on the machine, one line each. */
export const leftovers = (paths: ClusterPaths, layout: Layout | undefined): string[] => [
  ...markedProcesses(paths).map(({ pid }) => `process ${pid}`),
  ...[paths.dir, memoryFolder(paths)]
    .filter((folder) => existsSync(folder))
    .map((folder) => `folder ${folder}`),
  ...(layout === undefined ? [] : [...networkLeftovers(layout), ...cgroupLeftovers(layout)]),
];

/**
 * Removes all of a cluster, however far its start came and whatever crashed since. The state is thrown away, so
 * everything is killed rather than asked. The slot goes last: until then the next call finds what is left.
 * @throws ClusterError LeftOver naming what could not be removed
 */
export const removeCluster = async (paths: ClusterPaths): Promise<void> => {
  const slot = findSlot(paths);
  const layout = slot === undefined ? undefined : layoutOf(slot);
  await killMarked(paths);
  if (layout !== undefined) {
    await removeNetwork(layout);
    await removeCgroups(layout);
  }
  rmSync(memoryFolder(paths), { recursive: true, force: true });
  rmSync(paths.dir, { recursive: true, force: true });
  const left = leftovers(paths, layout);
  if (left.length > 0)
    throw new ClusterError(
      'LeftOver',
      `cluster ${paths.name} could not be removed whole: ${left.join(', ')}`,
    );
  releaseSlot(paths);
};
