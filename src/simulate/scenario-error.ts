import { ProfferError } from '../lib/errors.ts';

/** A scenario that cannot be run as it stands; each line of the message names file, step, field and what is allowed. */
export class ScenarioError extends ProfferError {
  readonly code = 'PROFFER_SCENARIO';
}

/** A scenario ran to its end, and expectations in it did not hold; the message shows every difference. */
export class ExpectationError extends ProfferError {
  readonly code = 'PROFFER_EXPECTATION';
}
