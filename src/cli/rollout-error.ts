import { ProfferError } from '../lib/errors.ts';

/** An update makes no progress, or cannot be taken back; the message says why. */
export class RolloutError extends ProfferError {
  readonly code = 'PROFFER_ROLLOUT';
}
