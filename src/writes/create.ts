import { isKubeError } from '../kube/errors.ts';
import { keyOf, type CreateCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Handler, Outcome } from './handler.ts';

/**
 * Creates a Pod that is bound already. A create whose fate is unknown is repeated until it is known, under the same
 * name; its room stays taken meanwhile.
 */
export const creating: Handler<CreateCommand> = {
  action: 'Create',
  tries: Number.POSITIVE_INFINITY,
  // Creates that use up the same quota at the same time conflict; the Pod was not made.
  stale: ['conflict'],
  assume: ({ pod, counted }, assumed, readPod) => assumed.launch({ ...readPod(pod), ...counted }),
  retract: (command, assumed) => assumed.failed(keyOf(command)),

  async write({ pod }, { assumed, readPod, now, send, onAdmitted }) {
    const { namespace = '', name, ownerReferences } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const made = (stored: Pod): Outcome => {
      const key = `${namespace}/${name}`;
      // The watch is often faster.
      if (assumed.awaits(key)) assumed.stored(readPod(stored), now());
      onAdmitted(stored);
      return { kind: 'done' };
    };
    try {
      // Strict: a field that the API server does not know is a typo, and would be dropped without a word.
      const query = { fieldValidation: 'Strict' };
      return made(await send<Pod>({ method: 'POST', path, query, body: pod }));
    } catch (error) {
      if (!isKubeError(error, 'alreadyExists')) throw error;
    }
    try {
      const found = await send<Pod>({ method: 'GET', path: podPath(namespace, name) });
      const owner = ownerReferences?.[0]?.uid;
      if (found.metadata.ownerReferences?.some((r) => r.controller && r.uid === owner)) return made(found);
    } catch (error) {
      if (!isKubeError(error, 'notFound')) throw error;
    }
    // Somebody else's Pod has the name, or had it until now; once the watch shows that, the slot takes the next name.
    return { kind: 'stale' };
  },

  told({ after, ended, pod }, word) {
    // Without its name, so that those of a large pool are one event with a count.
    if (after === undefined) return { type: 'Normal', reason: 'Created', note: `a ${word} is created` };
    const { metadata, spec } = pod;
    const planned = after === 'Exited' || after === 'Deleting';
    const note = `${ended}; ${metadata.name} on ${spec.nodeName} replaces it`;
    return { type: planned ? 'Normal' : 'Warning', reason: 'Recovered', note };
  },
};
