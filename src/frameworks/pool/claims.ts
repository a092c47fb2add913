import { LABEL } from '../../api/group.ts';
import type { Claims } from '../common/upkeep.ts';
import type { PoolFacts } from './facts.ts';

/** The claims of the servers of pools. */
export const poolClaims: Claims = {
  label: LABEL.pool,
  retention: (workload) =>
    (workload as PoolFacts).spec.persistentVolumeClaimRetentionPolicy ?? {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    },
};
