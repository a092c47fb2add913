import type { MakeClaimCommand } from '../plan/command.ts';
import type { Handler } from './handler.ts';

/** Makes a claim that a task has for itself. Its name is the same in every try, and in every cycle until it is seen. */
export const makingClaim: Handler<MakeClaimCommand> = {
  action: 'Claim',
  tries: 5,
  stale: ['conflict', 'alreadyExists'],
  // The Pod is launched when the watch shows the claim.
  assume() {},
  retract() {},

  async write({ claim }, { send }) {
    const path = `/api/v1/namespaces/${claim.metadata.namespace}/persistentvolumeclaims`;
    const query = { fieldValidation: 'Strict' };
    await send({ method: 'POST', path, query, body: claim });
    return { kind: 'done' };
  },

  // That its task waits for a volume is said in the status.
  told: () => undefined,
};
