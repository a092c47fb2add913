import { isKubeError } from '../kube/errors.ts';
import type { AskCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import type { Handler } from './handler.ts';

/** An admission webhook with side effects lets no dry run pass. */
const isMute = (error: unknown): boolean =>
  isKubeError(error, 'invalid') && error.status === 400 && error.message.includes('does not support dry run');

/** Asks the API server what it would make of a Pod, as the Pod would be sent: a webhook may go by its name. */
export const asking: Handler<AskCommand> = {
  action: 'Create',
  tries: Number.POSITIVE_INFINITY,
  // A Pod has the name that the watch has not shown.
  stale: ['conflict', 'alreadyExists'],
  assume() {},
  retract() {},

  async write({ pod }, { send, onAdmitted }) {
    const path = `/api/v1/namespaces/${pod.metadata.namespace ?? ''}/pods`;
    const query = { fieldValidation: 'Strict', dryRun: 'All' };
    try {
      onAdmitted(await send<Pod>({ method: 'POST', path, query, body: pod }));
      return { kind: 'done' };
    } catch (error) {
      if (isMute(error)) return { kind: 'mute' };
      throw error;
    }
  },

  told: () => undefined,
};
