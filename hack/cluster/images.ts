import { binaryPath } from './build.ts';
import { exec } from './exec.ts';
import type { ClusterPaths } from './paths.ts';

/**
 * Imports the images of an archive into a real node's containerd, where the kubelet finds them.
 * @throws ClusterError CommandFailed with what containerd said
 */
export const importImage = async (paths: ClusterPaths, node: string, archive: string): Promise<void> => {
  await exec(binaryPath('ctr'), [
    '--address',
    paths.containerdSocket(node),
    '--namespace',
    'k8s.io',
    'images',
    'import',
    archive,
  ]);
};
