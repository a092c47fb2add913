import { spawnSync } from 'node:child_process';
import type { Cluster } from '../cluster/index.ts';

/**
 * Installs the operator as a user would, with Helm and the chart's own values.
 * @param helm path of Helm @param more arguments, such as values of the chart
 * @throws Error with what Helm said
 */
export async function install(cluster: Cluster, helm: string, more: readonly string[] = []): Promise<void> {
  const args = [
    'upgrade',
    '--install',
    'proffer',
    'charts/proffer',
    '--namespace',
    'proffer-system',
    '--create-namespace',
    '--wait',
    '--timeout',
    '3m',
    ...more,
  ];
  console.log(`    $ helm ${args.join(' ')}`);
  const { status, stderr } = spawnSync(helm, [...args, '--kubeconfig', cluster.kubeconfigPath], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`helm could not install the operator: ${stderr.trim()}`);
}
