import { ANNOTATION } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import type { NoticeCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/objects.ts';
import { isKubeError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { podPath, repeat, type WriteContext } from './write.ts';

/** A notice that does not arrive is decided anew in the next cycle. */
const TRIES = 5;

/**
 * Writes the inverse offer on a Pod as it was seen, or takes it off.
 * @throws KubeError when the API server refuses, or does not take it in a few tries
 */
export async function notifyPod(command: NoticeCommand, context: WriteContext): Promise<Outcome> {
  const { client, assumed, clock, signal, mayWrite: mayGo } = context;
  const { namespace, name, uid, resourceVersion, until } = command;
  const value = until === undefined ? null : formatTime(until);
  const body = { metadata: { uid, resourceVersion, annotations: { [ANNOTATION.inverseOffer]: value } } };
  const path = podPath(namespace, name);
  try {
    const stored = await repeat(
      context,
      () => client.request<Pod>({ method: 'PATCH', path, body, signal, mayGo }),
      TRIES,
    );
    assumed.noticeStored(`${namespace}/${name}`, stored.metadata.resourceVersion ?? '', clock.now());
    return { kind: until === undefined ? 'rescinded' : 'asked' };
  } catch (error) {
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
    return { kind: 'stale' };
  }
}
