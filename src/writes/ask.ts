import type { AskCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/objects.ts';
import { isKubeError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { repeat, type WriteContext } from './write.ts';

/** An admission webhook with side effects lets no dry run pass. */
const isMute = (error: unknown): boolean =>
  isKubeError(error, 'invalid') && error.status === 400 && error.message.includes('does not support dry run');

/**
 * Asks the API server what it would make of a Pod, as the Pod would be sent: a webhook may go by its name.
 * @throws KubeError when the API server would refuse the Pod
 */
export async function askPod({ pod }: AskCommand, context: WriteContext): Promise<Outcome> {
  const { client, signal, mayWrite: mayGo, onAdmitted } = context;
  const path = `/api/v1/namespaces/${pod.metadata.namespace ?? ''}/pods`;
  const query = { fieldValidation: 'Strict', dryRun: 'All' };
  try {
    const made = await repeat(context, () =>
      client.request<Pod>({ method: 'POST', path, query, body: pod, signal, mayGo }),
    );
    onAdmitted(made);
    return { kind: 'told' };
  } catch (error) {
    if (isMute(error)) return { kind: 'mute' };
    // A Pod has the name that the watch has not shown.
    if (isKubeError(error, 'conflict', 'alreadyExists')) return { kind: 'stale' };
    throw error;
  }
}
