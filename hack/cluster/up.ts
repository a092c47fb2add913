import { isDeepStrictEqual } from 'node:util';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { binaryPath, ensureBinaries, type Log } from './build.ts';
import { controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { daemonNames, isRunning } from './daemons.ts';
import { ClusterError } from './errors.ts';
import { addFakeNodes } from './fake-nodes.ts';
import { startKwok } from './kwok.ts';
import { assertClusterName, layoutOf, nodeName } from './layout.ts';
import { withLock } from './lock.ts';
import { makeBridge } from './network.ts';
import { realNodeBinaries, startRealNodes } from './real-nodes.ts';
import { identityOf, isAlive } from './identity.ts';
import { ClusterPaths, stateRoot } from './paths.ts';
import { assertInotify, assertMachine } from './preflight.ts';
import { assertProvider, type ClusterRecord, contextOf, readRecord, writeRecord } from './record.ts';
import { type ClusterShape, describeShape } from './shape.ts';
import { findSlot, takeSlot } from './slots.ts';
import { removeCluster } from './teardown.ts';

/** Runs `work` while no other process brings this cluster up or down. */
export const withClusterLock = <T>(
  { id, name }: ClusterPaths,
  log: Log,
  work: () => Promise<T>,
): Promise<T> =>
  withLock(
    join(stateRoot(), 'locks', id),
    () => log(`Another process works on cluster ${name}: waiting for it.`),
    work,
  );

/** Whether all that a start left running still runs. A node that was switched off by order has no daemons. */
const isWhole = (paths: ClusterPaths): boolean => {
  const names = daemonNames(paths);
  return names.includes('kube-apiserver') && names.every((name) => isRunning(paths, name));
};

const binariesFor = (shape: ClusterShape): string[] => [
  ...controlPlaneBinaries(shape),
  ...(shape.kwok ? ['kwok'] : []),
  ...(shape.nodes > 0 ? realNodeBinaries() : []),
];

/** How long a cluster is of use: for as long as this process lives, or until it is taken down. */
export type Lifetime = Pick<ClusterRecord, 'process'>;

/** The lifetime of a cluster that this process starts. */
export const lifetimeOf = (keep: boolean): Lifetime => {
  const self = keep ? undefined : identityOf(process.pid);
  return self === undefined ? {} : { process: self };
};

const start = async (
  paths: ClusterPaths,
  shape: ClusterShape,
  lifetime: Lifetime,
  log: Log,
): Promise<ClusterRecord> => {
  const layout = layoutOf(await takeSlot(paths));
  const context = contextOf(paths, layout, shape, log);
  const { server } = context;
  const record = { provider: 'local', slot: layout.slot, shape, server, ...lifetime } as const;
  writeRecord(paths, { ...record, phase: 'starting' });
  if (shape.nodes > 0) await makeBridge(layout);
  await startControlPlane(context);
  if (shape.kwok) await startKwok(context);
  if (shape.fakeNodes > 0) await addFakeNodes(paths, context.server, shape.fakeNodes, shape.fakeNode);
  if (shape.nodes > 0) await startRealNodes(context);
  const done: ClusterRecord = { ...record, phase: 'up' };
  writeRecord(paths, done);
  return done;
};

/** Whether a cluster belongs to a process that has ended: what it holds is that process' affair, nobody else's. */
const isLeftBehind = ({ process: user }: ClusterRecord): boolean => user !== undefined && !isAlive(user);

const assertNotInUse = (name: string, { process: user }: ClusterRecord): void => {
  if (user === undefined || user.pid === process.pid || !isAlive(user)) return;
  throw new ClusterError(
    'InUse',
    `cluster "${name}" is in use by process ${user.pid}: wait for its end, or set XDG_STATE_HOME to a folder of your own`,
  );
};

/**
 * Brings a cluster of that name and shape up, or finds that it is. What a crash left of it is removed first.
 * @throws ClusterError ShapeDiffers when it runs with another shape; InUse when another process uses it; BadInput,
 * MissingTool, BuildFailed, NoFreeSlot, StartFailed
 */
export const bringUp = async (
  name: string,
  shape: ClusterShape,
  lifetime: Lifetime,
  log: Log,
): Promise<ClusterRecord> => {
  assertClusterName(name);
  const paths = new ClusterPaths(name);
  if (shape.nodes > 0) paths.assertFitForNodes(nodeName(shape.nodes));
  await assertMachine(shape, log);
  await ensureBinaries(binariesFor(shape), log);
  return withClusterLock(paths, log, async () => {
    const found = readRecord(paths);
    assertProvider(name, found, 'local');
    if (found !== undefined) assertNotInUse(name, found);
    if (found?.phase === 'up' && isWhole(paths) && !isLeftBehind(found)) {
      if (isDeepStrictEqual(found.shape, shape)) {
        log(`Cluster ${name} is already up: ${describeShape(shape)}.`);
        return found;
      }
      throw new ClusterError(
        'ShapeDiffers',
        `cluster "${name}" is up with another shape (${describeShape(found.shape)}): take it down first, or use another name`,
      );
    }
    if (existsSync(paths.dir) || findSlot(paths) !== undefined) {
      log(
        `Cluster ${name} is left over from a start that was cut short, a killed process or a crash: removing it first.`,
      );
      await removeCluster(paths);
    }
    if (shape.nodes > 0) assertInotify(shape.nodes);
    const started = performance.now();
    log(`Starting cluster ${name}: ${describeShape(shape)}.`);
    const record = await start(paths, shape, lifetime, log);
    log(
      `Cluster ${name} is up after ${((performance.now() - started) / 1000).toFixed(1)} s: ${record.server}`,
    );
    return record;
  });
};

/** Path of a binary after making sure that it is built. */
export const builtBinary = async (binary: string, log: Log): Promise<string> => {
  await ensureBinaries([binary], log);
  return binaryPath(binary);
};
