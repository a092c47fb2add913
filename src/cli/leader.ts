import { API_VERSION } from '../api/group.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Lease } from '../kube/lease-record.ts';
import { OperatorUnavailable } from './operator-unavailable.ts';

/** Name of the operator's Lease. */
const LEASE_NAME = 'proffer';

/** Name of the Pod that leads, by the Lease. @throws OperatorUnavailable when nobody does, KubeError */
export async function findLeader(client: KubeClient, namespace: string): Promise<string> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${LEASE_NAME}`;
  let lease: Lease;
  try {
    lease = await client.request<Lease>({ method: 'GET', path });
  } catch (error) {
    if (isKubeError(error, 'forbidden')) {
      throw new OperatorUnavailable(
        `you may not read the operator, which takes a binding to Role proffer-reader in namespace ${namespace}: ` +
          'kubectl get or, if you may, shows what roles hold, and proffer explain -n NAMESPACE what your own tasks wait for',
        { cause: error },
      );
    }
    if (!isKubeError(error, 'notFound')) throw error;
    throw new OperatorUnavailable(await absence(client, namespace), { cause: error });
  }
  const holder = lease.spec?.holderIdentity;
  if (!holder) {
    throw new OperatorUnavailable(
      `no replica of the operator leads: see why with kubectl -n ${namespace} get pods, or kubectl -n ${namespace} logs`,
    );
  }
  return holder;
}

/** Tells a cluster without Proffer from a wrong namespace. */
async function absence(client: KubeClient, namespace: string): Promise<string> {
  try {
    await client.request({ method: 'GET', path: `/apis/${API_VERSION}` });
  } catch (error) {
    if (isKubeError(error, 'notFound')) {
      return 'Proffer is not installed in this cluster: install its Helm chart, or choose another cluster with --context';
    }
    throw error;
  }
  return (
    `no operator has led in namespace ${namespace} yet: name its namespace with --namespace, ` +
    'or read one that runs outside the cluster with --url'
  );
}
