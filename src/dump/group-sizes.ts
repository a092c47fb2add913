import type { GroupSizes } from '../controllers/cycle.ts';
import type { JobFacts } from '../snapshot/workload.ts';

/** Workers of each group of the jobs of a cluster, for the environment of new workers. */
export function groupSizes(jobs: readonly JobFacts[]): GroupSizes {
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  return ({ kind, key }) => {
    const job = kind === 'TrainingJob' ? byKey.get(key) : undefined;
    return new Map(job?.spec.groups.map((group) => [group.name, group.replicas]));
  };
}
