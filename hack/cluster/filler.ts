import type { Cluster } from './cluster.ts';
import { PAUSE_IMAGE } from './pause.ts';

/** Milli-cpu that a node offers to Pods. */
const allocatable = async (cluster: Cluster, node: string): Promise<number> => {
  const cpu = await cluster.kubectl('get', 'node', node, '-o', 'jsonpath={.status.allocatable.cpu}');
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
};

/**
 * Takes so much of a node's cpu by a Pod that does nothing that just `milli` of what the node offers is left: what
 * happens then is the same on a large machine as on a small one. Waits until the Pod is Ready; nothing to do for a node
 * that offers no more. The Pod lies in the namespace `default`, under the label `app=filler`.
 * @throws Error when the node offers less
 */
export async function fillDownTo(cluster: Cluster, node: string, milli: number): Promise<void> {
  const surplus = (await allocatable(cluster, node)) - milli;
  if (surplus < 0) throw new Error(`${node} offers less than ${milli}m cpu: this needs a larger machine`);
  if (surplus === 0) return;
  await takeOf(cluster, node, `filler-${node}`, surplus);
}

/** Takes `milli` of a node's cpu by a Pod of that name that does nothing, and waits until it is Ready. */
export async function takeOf(cluster: Cluster, node: string, name: string, milli: number): Promise<void> {
  const resources = { requests: { cpu: `${milli}m` } };
  const containers = [{ name: 'pause', image: PAUSE_IMAGE, imagePullPolicy: 'Never', resources }];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'filler' } },
    spec: { nodeName: node, terminationGracePeriodSeconds: 0, containers },
  };
  await cluster.kubectlWithInput(JSON.stringify(pod), 'apply', '-f', '-');
  await cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '-n', 'default', '--timeout=120s');
}
