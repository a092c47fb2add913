import type { CreateCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/objects.ts';
import { isKubeError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { podPath, repeat, type WriteContext } from './write.ts';

/**
 * Creates a Pod that is bound already. A create whose fate is unknown is repeated until it is known, under the same
 * name; its room stays taken meanwhile.
 * @throws KubeError when the API server refuses the Pod
 */
export async function createPod({ pod }: CreateCommand, context: WriteContext): Promise<Outcome> {
  const { client, assumed, readPod, clock, signal, mayWrite: mayGo, onAdmitted } = context;
  const { namespace = '', name, ownerReferences } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  try {
    // Strict: a field that the API server does not know is a typo, and would be dropped without a word.
    const query = { fieldValidation: 'Strict' };
    const stored = await repeat(context, () =>
      client.request<Pod>({ method: 'POST', path, query, body: pod, signal, mayGo }),
    );
    assumed.stored(readPod(stored), clock.now());
    onAdmitted(stored);
    return { kind: 'created' };
  } catch (error) {
    // Creates that use up the same quota at the same time conflict; the Pod was not made.
    if (isKubeError(error, 'conflict')) return { kind: 'stale' };
    if (!isKubeError(error, 'alreadyExists')) throw error;
  }
  try {
    const found = await repeat(context, () =>
      client.request<Pod>({ method: 'GET', path: podPath(namespace, name), signal }),
    );
    const owner = ownerReferences?.[0]?.uid;
    if (found.metadata.ownerReferences?.some((r) => r.controller && r.uid === owner)) {
      assumed.stored(readPod(found), clock.now());
      onAdmitted(found);
      return { kind: 'created' };
    }
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
  }
  // Somebody else's Pod has the name, or had it until now; once the watch shows that, the slot takes the next name.
  return { kind: 'stale' };
}
