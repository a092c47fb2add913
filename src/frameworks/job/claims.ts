import { LABEL } from '../../api/group.ts';
import type { Claims } from '../common/upkeep.ts';

/** The claims of the workers of jobs: all of them go with their worker. */
export const jobClaims: Claims = {
  label: LABEL.job,
  retention: () => ({ whenDeleted: 'Retain', whenScaled: 'Retain' }),
};
