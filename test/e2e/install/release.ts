import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../../hack/cluster/index.ts';
import { helm, REPOSITORY } from '../../chart/helm.ts';

/** Namespace that the operator is installed in. */
export const NAMESPACE = 'proffer-system';

/** Runs Helm against a cluster, in the operator's namespace. @throws Error with what Helm said */
export const runHelm = async (cluster: Cluster, ...args: string[]): Promise<string> => {
  const where = [`--namespace=${NAMESPACE}`, `--kubeconfig=${cluster.kubeconfigPath}`];
  const { ok, stdout, stderr } = await helm(...args, ...where);
  if (!ok) throw new Error(`helm ${args.join(' ')} failed: ${stderr || stdout}`);
  return stdout;
};

/** What tests look at in a Pod. */
export interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec: { nodeName?: string; containers: { args?: string[] }[] };
  status: {
    phase: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { restartCount: number }[];
  };
}

const pods = async (cluster: Cluster, namespace: string, selector: string): Promise<Pod[]> => {
  const text = await cluster.kubectl('get', 'pods', '-n', namespace, '-l', selector, '-o', 'json');
  return (JSON.parse(text) as { items: Pod[] }).items.filter(({ metadata }) => !metadata.deletionTimestamp);
};

/** The operator's replicas that are not on their way out. */
export const replicas = (cluster: Cluster): Promise<Pod[]> =>
  pods(cluster, NAMESPACE, 'app.kubernetes.io/name=proffer');

/** The game servers of a pool in the namespace `default` that are not on their way out. */
export const servers = (cluster: Cluster, pool: string): Promise<Pod[]> =>
  pods(cluster, 'default', `proffer.dev/pool=${pool}`);

/** Whether the Pod's condition Ready is True. */
export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** Name of the replica that holds the Lease; empty when none does. */
export const leader = (cluster: Cluster): Promise<string> =>
  cluster.kubectl('get', 'lease', 'proffer', '-n', NAMESPACE, '-o', 'jsonpath={.spec.holderIdentity}');

/** Applies one of the examples that the repository shows to its users, in the namespace `default`. */
export const applyExample = async (cluster: Cluster, name: string): Promise<void> => {
  const text = await readFile(join(REPOSITORY, 'examples', `${name}.yaml`), 'utf8');
  await cluster.kubectlWithInput(text, 'apply', '-n', 'default', '-f', '-');
};
