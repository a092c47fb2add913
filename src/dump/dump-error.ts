import { ProfferError } from '../lib/errors.ts';

/** A file that is no dump of a cluster; the message names file, document, object and field, and what to do. */
export class DumpError extends ProfferError {
  readonly code = 'PROFFER_DUMP';
}
