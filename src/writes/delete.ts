import { keyOf, REMOVAL_WORDS, type DeleteCommand } from '../plan/command.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Handler } from './handler.ts';

/** Deletes a Pod as it was seen. */
export const deleting: Handler<DeleteCommand> = {
  action: 'Delete',
  tries: 5,
  stale: ['notFound', 'conflict'],
  assume: (command, assumed) => assumed.remove(keyOf(command), command.uid, command.reason !== 'Replaced'),
  retract: (command, assumed) => assumed.keep(keyOf(command)),

  async write(command, { assumed, now, send }) {
    const { namespace, name, uid, resourceVersion } = command;
    const preconditions = { uid, ...(resourceVersion === '' ? {} : { resourceVersion }) };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
    await send({ method: 'DELETE', path: podPath(namespace, name), body });
    assumed.removed(keyOf(command), now());
    return { kind: 'done' };
  },

  told({ name, reason }, word) {
    if (reason === 'Replaced') return undefined;
    const note = `${word} ${name} is deleted: ${REMOVAL_WORDS[reason]}`;
    return { type: 'Normal', reason, note };
  },
};
