import { join } from 'node:path';
import { ApiClient } from './api.ts';
import { binaryPath } from './build.ts';
import { makeCertificate } from './certificates.ts';
import { startDns } from './dns.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { nodeLayoutOf } from './layout.ts';
import { pauseArchive } from './pause.ts';
import { installNode, startNode, waitForReady } from './real-node.ts';
import type { ClusterContext } from './record.ts';

/** The binaries that clusters with real nodes run besides a control plane's. */
export const realNodeBinaries = (): string[] => [
  'kubelet',
  'kube-proxy',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'coredns',
];

const admitKubeProxy = async ({ paths, server }: ClusterContext): Promise<void> => {
  const user = 'kube-proxy';
  await makeCertificate(paths.pki, { name: user, subject: '/CN=system:kube-proxy' });
  writeKubeconfig(join(paths.pki, `${user}.kubeconfig`), paths.pki, server, user);
  const api = new ApiClient(server, paths.pki);
  try {
    await api.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'proffer:kube-proxy' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-proxier' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:kube-proxy' }],
    });
  } finally {
    await api.close();
  }
};

/**
 * Starts the cluster's real nodes and its DNS server, and waits until all nodes are Ready.
 * @throws ClusterError StartFailed with the end of the log of what died
 */
export const startRealNodes = async (context: ClusterContext): Promise<void> => {
  const nodes = Array.from({ length: context.shape.nodes }, (_, index) =>
    nodeLayoutOf(context.layout, index + 1),
  );
  await pauseArchive(); // once, before the nodes want it all at the same time
  await admitKubeProxy(context);
  await startDns(context, binaryPath('coredns'));
  await Promise.all(
    nodes.map(async (node) => {
      await installNode(context, node);
      await startNode(context, node);
      await waitForReady(context, node);
    }),
  );
};
