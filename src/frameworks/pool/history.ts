import { LABEL } from '../../api/group.ts';
import type { History } from '../common/upkeep.ts';
import type { PoolFacts } from './facts.ts';

/** The templates of pools, with their ports. */
export const poolHistory: History = {
  label: LABEL.pool,
  mark({ metadata: { uid, generation }, status }) {
    const { currentRevision, updatedReplicas, replicas } = status as PoolFacts['status'];
    return [uid, generation, currentRevision, updatedReplicas === replicas].join('/');
  },
  current(workload) {
    const { spec, groups, faults } = workload as PoolFacts;
    const { revision, unsupported } = groups[0]!.shape;
    if (faults.length + unsupported.length > 0) return undefined;
    const { template, ports, update } = spec;
    return { revision, data: { spec: { template, ports } }, limit: update.revisionHistoryLimit };
  },
};
