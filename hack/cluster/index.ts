import type { Log } from './build.ts';
import { Cluster } from './cluster.ts';
import { startKind } from './kind.ts';
import { ClusterPaths } from './paths.ts';
import { requireRecord } from './record.ts';
import { shapeOf, type ShapeOptions } from './shape.ts';
import { bringUp, builtBinary, lifetimeOf } from './up.ts';

export { Cluster, type ClusterNode } from './cluster.ts';
export { ClusterError, type ClusterErrorCode } from './errors.ts';
export { pruneClusters } from './prune.ts';
export type { ClusterShape, ExtraFlags, FakeNodeShape, ShapeOptions } from './shape.ts';
export { IS_OLDEST, KUBERNETES_VERSION } from './versions.ts';

/** What `startCluster` makes. Without nodes of either kind it is a control plane alone. */
export interface StartOptions extends ShapeOptions {
  /**
   * 1 to 30 lower-case letters, digits and dashes. Another checkout may use the same; tests of one that may run at the
   * same time use different names.
   */
  readonly name: string;
  /** `local` (default) runs Kubernetes' own programs on this machine; `kind` runs it in Docker. */
  readonly provider?: 'local' | 'kind';
  /**
   * The cluster is to outlive this process. Else it counts as left behind once this process is gone without having
   * taken it down, and `cluster prune` removes it.
   */
  readonly keep?: boolean;
  /** Takes progress lines; standard error by default. */
  readonly log?: Log;
}

const toStandardError: Log = (line) => void process.stderr.write(`${line}\n`);

/**
 * Starts a cluster, or finds the one of that name and shape that is already up. Builds what it needs on first use,
 * which takes minutes.
 * @throws ClusterError
 */
export const startCluster = async (options: StartOptions): Promise<Cluster> => {
  const { name, provider = 'local', keep = false, log = toStandardError, ...shapeOptions } = options;
  const shape = shapeOf(shapeOptions);
  const start = provider === 'kind' ? startKind : bringUp;
  return new Cluster(name, await start(name, shape, lifetimeOf(keep), log), log);
};

/**
 * The cluster of that name, which must be up.
 * @throws ClusterError NotRunning
 */
export const openCluster = (name: string, log: Log = toStandardError): Cluster =>
  new Cluster(name, requireRecord(new ClusterPaths(name)), log);

/**
 * Path of one of the binaries that clusters are made of (`kubectl`, `helm`, `kube-scheduler`, ...), built on first use.
 * @throws ClusterError BadInput for an unknown name, MissingTool, BuildFailed
 */
export const binary = (name: string, log: Log = toStandardError): Promise<string> => builtBinary(name, log);
