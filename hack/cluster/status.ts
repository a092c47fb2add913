import { daemonNames, isRunning } from './daemons.ts';
import { ClusterPaths } from './paths.ts';
import { readRecord } from './record.ts';
import { describeShape } from './shape.ts';
import { clusterFolders, slotOwners } from './slots.ts';

/** One line per cluster, and one per process of it that should run and does not. */
export const clusterStatus = (): string[] => {
  const names = [...new Set([...slotOwners(), ...clusterFolders()])].sort();
  if (names.length === 0) return ['No cluster is up.'];
  return names.flatMap((name) => {
    const paths = new ClusterPaths(name);
    const record = readRecord(paths);
    if (record?.phase !== 'up')
      return [`${name}: is being started, or its start was cut short (up or down cleans it)`];
    const dead = daemonNames(paths).filter((daemon) => !isRunning(paths, daemon));
    return [
      `${name}: ${record.provider}, ${describeShape(record.shape)}, ${record.server}`,
      ...dead.map((daemon) => `  ${daemon} has ended`),
    ];
  });
};
