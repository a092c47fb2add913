import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Log } from './build.ts';
import { ClusterError } from './errors.ts';
import { exec, tryExec } from './exec.ts';
import { assertClusterName } from './layout.ts';
import { ClusterPaths } from './paths.ts';
import { findProgram } from './preflight.ts';
import { assertProvider, type ClusterRecord, readRecord, writeRecord } from './record.ts';
import { type ClusterShape, describeShape } from './shape.ts';
import { type Lifetime, withClusterLock } from './up.ts';
import { KUBERNETES_VERSION } from './versions.ts';

const assertKind = async (): Promise<void> => {
  for (const program of ['docker', 'kind', 'kubectl']) {
    if (findProgram(program) === undefined)
      throw new ClusterError(
        'MissingTool',
        `provider kind needs ${program}: install it, or use --provider local`,
      );
  }
  if ((await tryExec('docker', ['info'])).status !== 0)
    throw new ClusterError(
      'MissingTool',
      'provider kind needs a running Docker engine: start it, or use --provider local',
    );
};

const kindName = (paths: ClusterPaths): string => `proffer-${paths.id}`;

const create = async (
  paths: ClusterPaths,
  shape: ClusterShape,
  lifetime: Lifetime,
  log: Log,
): Promise<ClusterRecord> => {
  const found = readRecord(paths);
  assertProvider(paths.name, found, 'kind');
  const clusters = await exec('kind', ['get', 'clusters']);
  if (found?.phase === 'up' && clusters.split('\n').includes(kindName(paths))) {
    log(`Cluster ${paths.name} is already up: kind, ${describeShape(found.shape)}.`);
    return found;
  }
  await exec('kind', ['delete', 'cluster', '--name', kindName(paths)]);
  mkdirSync(paths.dir, { recursive: true });
  const config = join(paths.dir, 'kind.yaml');
  const image = `kindest/node:${KUBERNETES_VERSION}`;
  const roles = ['control-plane', ...Array.from({ length: shape.nodes }, () => 'worker')];
  writeFileSync(
    config,
    stringify({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      nodes: roles.map((role) => ({ role, image })),
    }),
  );
  const base = { provider: 'kind', slot: 0, shape, ...lifetime } as const;
  writeRecord(paths, { ...base, phase: 'starting', server: '' });
  const options = ['create', 'cluster', '--name', kindName(paths), '--config', config, '--wait', '5m'];
  await exec('kind', [...options, '--kubeconfig', paths.kubeconfig]);
  const jsonpath = 'jsonpath={.clusters[0].cluster.server}';
  const server = await exec('kubectl', ['--kubeconfig', paths.kubeconfig, 'config', 'view', '-o', jsonpath]);
  const record: ClusterRecord = { ...base, phase: 'up', server };
  writeRecord(paths, record);
  return record;
};

/**
 * Starts a cluster in Docker by kind. It has what kind brings: the stock scheduler, its own node names.
 * @throws ClusterError MissingTool without Docker or kind; BadInput for what kind cannot do
 */
export const startKind = async (
  name: string,
  shape: ClusterShape,
  lifetime: Lifetime,
  log: Log,
): Promise<ClusterRecord> => {
  assertClusterName(name);
  if (shape.fakeNodes > 0 || shape.kwok || shape.fast)
    throw new ClusterError(
      'BadInput',
      'provider kind makes real nodes only: use --provider local for --fake-nodes, --kwok and --fast',
    );
  await assertKind();
  const paths = new ClusterPaths(name);
  return withClusterLock(paths, log, () => create(paths, shape, lifetime, log));
};

/** Puts the images of an archive on every node. */
export const loadIntoKind = async (name: string, archive: string): Promise<void> => {
  await exec('kind', ['load', 'image-archive', archive, '--name', kindName(new ClusterPaths(name))]);
};

/** Removes the cluster's containers and its folder. */
export const removeKind = async (paths: ClusterPaths): Promise<void> => {
  await assertKind();
  await exec('kind', ['delete', 'cluster', '--name', kindName(paths)]);
  if (existsSync(paths.dir)) rmSync(paths.dir, { recursive: true });
};
