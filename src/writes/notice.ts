import { ANNOTATION } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import { keyOf, type NoticeCommand } from '../plan/command.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Handler } from './handler.ts';

/** Writes the inverse offer on a Pod as it was seen, or takes it off. */
export const noticing: Handler<NoticeCommand> = {
  action: 'Ask',
  tries: 5,
  stale: ['notFound', 'conflict'],
  assume: (command, assumed) => assumed.notify(keyOf(command), command.uid, command.until),
  retract: (command, assumed) => assumed.unamend(keyOf(command)),

  async write(command, { assumed, now, send }) {
    const { namespace, name, uid, resourceVersion, until } = command;
    const value = until === undefined ? null : formatTime(until);
    const body = { metadata: { uid, resourceVersion, annotations: { [ANNOTATION.inverseOffer]: value } } };
    const stored = await send<Pod>({ method: 'PATCH', path: podPath(namespace, name), body });
    assumed.amendmentStored(keyOf(command), stored.metadata.resourceVersion ?? '', now());
    return { kind: 'done' };
  },

  told({ name, until, by, why }) {
    if (until === undefined) {
      const note = `${name} was asked to go and may stay`;
      return { type: 'Normal', reason: 'MayStay', note };
    }
    const note = by ? `${name} is asked to give way to ${shownId(by.id)}` : `${name} is asked to go: ${why}`;
    return { type: 'Normal', reason: 'AskedToGo', note };
  },
};
