import { LABEL } from '../../api/group.ts';
import type { Claims } from '../common/upkeep.ts';
import type { JobFacts } from './facts.ts';

/** The claims of the workers of jobs. */
export const jobClaims: Claims = {
  label: LABEL.job,
  retention(workload) {
    const { spec, status } = workload as JobFacts;
    const { whenDeleted = 'Retain', whenComplete = 'Retain' } =
      spec.persistentVolumeClaimRetentionPolicy ?? {};
    const isDone = whenComplete === 'Delete' && status.phase === 'Succeeded';
    return { whenDeleted, whenScaled: 'Retain', isDone };
  },
};
