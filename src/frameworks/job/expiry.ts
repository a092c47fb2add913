import { parseTime } from '../../lib/time.ts';
import type { Expiry } from '../common/upkeep.ts';
import { jobEnded } from './seen.ts';
import type { JobFacts } from './facts.ts';

/** A job is deleted `ttlSecondsAfterFinished` after its end, as its status has it. */
export const jobExpiry: Expiry = (workload) => {
  const job = workload as JobFacts;
  const { ttlSecondsAfterFinished } = job.spec;
  const endedAt = parseTime(job.status.completionTime);
  if (ttlSecondsAfterFinished === undefined || endedAt === 0 || !jobEnded(job)) return undefined;
  return endedAt + ttlSecondsAfterFinished * 1000;
};
