import { join } from 'node:path';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { applyCrds } from '../../support/crds.ts';
import type { Manifest } from './manifests.ts';

const root = join(import.meta.dirname, '../../..');

/** Path of a file of the repository. */
export const repositoryFile = (path: string): string => join(root, path);

/** A control plane that serves the CRDs of this checkout. */
export async function startWithCrds(name: string): Promise<Cluster> {
  const cluster = await startCluster({ name });
  await applyCrds(cluster);
  return cluster;
}

/** What kubectl said when the API server refused a manifest; undefined when it was accepted. Nothing is stored. */
export async function refusal(cluster: Cluster, manifest: Manifest): Promise<string | undefined> {
  return failure(cluster.kubectlWithInput(JSON.stringify(manifest), 'apply', '--dry-run=server', '-f', '-'));
}

/** The error message of a kubectl call; undefined when it worked. */
export async function failure(call: Promise<string>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
