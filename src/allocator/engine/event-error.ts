import { ProfferError } from '../../lib/errors.ts';

/** An event that cannot be; the message begins with the field. Nothing of the event was applied. */
export class EventError extends ProfferError {
  readonly code = 'PROFFER_OFFER_EVENT';
}
