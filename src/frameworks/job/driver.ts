import { LABEL } from '../../api/group.ts';
import { frozenStatus } from '../../plan/frozen-status.ts';
import type { JobFacts } from '../../snapshot/workload.ts';
import { takeAll } from '../common/answer.ts';
import type { WorkloadDriver } from '../common/driver.ts';
import { jobDraft, jobEnded } from './draft.ts';
import { environment } from './environment.ts';
import { jobStatus } from './status.ts';

/** Training jobs: half a job trains nothing, and keeps others waiting. */
export const jobDriver: WorkloadDriver<JobFacts> = {
  word: 'worker',
  together: () => true,
  draft: jobDraft,
  answer: (bundle) => takeAll(bundle, 'workers'),
  marks: (framework, { offer, vacancy }) => ({
    labels: { [LABEL.job]: framework.metadata.name, [LABEL.group]: offer.demandClass.group },
    environment: environment(framework, offer.demandClass, vacancy.slot),
  }),
  status(job, outcome, _recovered, now) {
    const { hold } = outcome.framework;
    if (hold?.freezes) return { status: frozenStatus(job, hold, now), end: undefined };
    const status = jobStatus(job, outcome, now);
    const ends = !jobEnded(job) && status.completionTime !== undefined;
    const { phase, message = '' } = status;
    return { status, end: ends ? { failed: phase === 'Failed', message } : undefined };
  },
};
