import type { DeleteCommand } from '../plan/command.ts';
import { isKubeError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { podPath, repeat, type WriteContext } from './write.ts';

/** A delete that comes to nothing is decided anew in the next cycle, so that it is not tried for ever. */
const TRIES = 5;

/**
 * Deletes a Pod as it was seen.
 * @throws KubeError when the API server refuses, or does not take it in a few tries
 */
export async function deletePod(command: DeleteCommand, context: WriteContext): Promise<Outcome> {
  const { client, assumed, clock, signal, mayWrite: mayGo } = context;
  const { namespace, name, uid, resourceVersion } = command;
  const preconditions = { uid, ...(resourceVersion === '' ? {} : { resourceVersion }) };
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
  const path = podPath(namespace, name);
  try {
    await repeat(context, () => client.request({ method: 'DELETE', path, body, signal, mayGo }), TRIES);
    assumed.removed(`${namespace}/${name}`, clock.now());
    return { kind: 'deleted' };
  } catch (error) {
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
    return { kind: 'stale' };
  }
}
