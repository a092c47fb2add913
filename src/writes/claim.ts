import { BOUND_BY_CONTROLLER, SELECTED_NODE } from '../api/volume-annotations.ts';
import type { ClaimCommand } from '../plan/command.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './errors.ts';
import { withRetry, type RetryOptions } from './retry.ts';

/** What comes to nothing is decided anew in the next cycle, so that it is not tried for ever. */
const TRIES = 5;

/** What the write needs to be carried out. */
interface Context extends Pick<RetryOptions, 'clock' | 'random' | 'signal'> {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  /** Asked right before the write goes out. */
  readonly mayWrite: () => boolean;
}

/**
 * Lets a claim have its volume, as kube-scheduler does: a volume that is there is kept for it, or its provisioner is told
 * the node. The volume controller, or the provisioner, does the rest. Both objects are changed as they were seen alone.
 * @throws KubeError when the API server refuses, or does not take it in a few tries
 */
export async function bindClaim(
  command: ClaimCommand,
  { client, clock, random, signal, mayWrite: mayGo }: Context,
): Promise<{ readonly kind: 'claimed' | 'stale' }> {
  const request = command.volume ? keepVolume(command, command.volume) : selectNode(command);
  const retry = { clock, random, signal, attempts: TRIES };
  try {
    await withRetry(() => client.request({ method: 'PATCH', ...request, signal, mayGo }), retry);
    return { kind: 'claimed' };
  } catch (error) {
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
    return { kind: 'stale' };
  }
}

const selectNode = ({ namespace, name, uid, resourceVersion, node }: ClaimCommand) => ({
  path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`,
  body: { metadata: { uid, resourceVersion, annotations: { [SELECTED_NODE]: node } } },
});

const keepVolume = (
  { namespace, name, uid, resourceVersion }: ClaimCommand,
  volume: NonNullable<ClaimCommand['volume']>,
) => ({
  path: `/api/v1/persistentvolumes/${volume.name}`,
  body: {
    metadata: {
      resourceVersion: volume.resourceVersion,
      ...(volume.kept ? {} : { annotations: { [BOUND_BY_CONTROLLER]: 'yes' } }),
    },
    spec: {
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
    },
  },
});
