import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon } from './daemons.ts';
import type { ClusterContext } from './record.ts';

/**
 * Starts the cluster's DNS server on the bridge's address, where Pods of every node reach it. It answers for the
 * cluster's own names only.
 */
export const startDns = async ({ paths, layout }: ClusterContext, coredns: string): Promise<void> => {
  const corefile = join(paths.dir, 'Corefile');
  const reverse = `${layout.podRange.split('.').slice(0, 2).join('.')}.0.0/16`;
  writeFileSync(
    corefile,
    `.:53 {
  bind ${layout.gateway}
  errors
  kubernetes cluster.local ${reverse} {
    kubeconfig ${paths.kubeconfig}
    pods insecure
    ttl 5
  }
}
`,
  );
  await startDaemon(paths, { name: 'coredns', command: coredns, args: ['-conf', corefile] });
};
