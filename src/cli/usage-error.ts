import { ProfferError } from '../lib/errors.ts';

/** A command line that cannot be run as it stands; the message names the word and what is allowed. Exit code 2. */
export class UsageError extends ProfferError {
  readonly code = 'PROFFER_USAGE';
}
