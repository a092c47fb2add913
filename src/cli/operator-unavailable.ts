import { ProfferError } from '../lib/errors.ts';

/** The operator cannot be asked, or does not answer; the message says why and what to do. */
export class OperatorUnavailable extends ProfferError {
  readonly code = 'PROFFER_OPERATOR_UNAVAILABLE';
}
