import { CHECKOUT } from './checkout.ts';
import { daemonNames, isRunning } from './daemons.ts';
import type { ClusterPaths } from './paths.ts';
import { readRecord } from './record.ts';
import { describeShape } from './shape.ts';
import { clustersInSlots, ownClusters } from './slots.ts';

const linesOf = (paths: ClusterPaths): string[] => {
  const { name } = paths;
  const record = readRecord(paths);
  if (record?.phase !== 'up')
    return [`${name}: is being started, or its start was cut short (up or down cleans it)`];
  const dead = daemonNames(paths).filter((daemon) => !isRunning(paths, daemon));
  return [
    `${name}: ${record.provider}, ${describeShape(record.shape)}, ${record.server}`,
    ...dead.map((daemon) => `  ${daemon} has ended`),
  ];
};

/** One line per cluster of this checkout, one per process of it that should run and does not, and one per other cluster. */
export const clusterStatus = (): string[] => {
  const own = ownClusters().flatMap(linesOf);
  const others = clustersInSlots().filter(({ checkout }) => checkout !== CHECKOUT);
  return [
    ...(own.length === 0 ? ['No cluster is up.'] : own),
    ...others.map(({ name, checkout }) => `(${name} belongs to the checkout ${checkout})`),
  ];
};
