import { ENVIRONMENT, LABEL } from '../../api/group.ts';
import { frozenStatus } from '../../plan/frozen-status.ts';
import type { DemandClass } from '../../snapshot/framework.ts';
import type { JobFacts } from './facts.ts';
import { takeAll } from '../common/answer.ts';
import type { WorkloadDriver } from '../common/driver.ts';
import { jobDraft, jobEnded } from './draft.ts';
import { jobStatus } from './status.ts';

const sizeOf = (classes: readonly DemandClass[]): number => classes.reduce((sum, { size }) => sum + size, 0);

/** Training jobs: half a job trains nothing, and keeps others waiting. */
export const jobDriver: WorkloadDriver<JobFacts> = {
  word: 'worker',
  together: () => true,
  draft: jobDraft,
  answer: (bundle) => takeAll(bundle, 'workers'),
  marks({ metadata, classes }, { offer, vacancy }) {
    const { group } = offer.demandClass;
    const at = classes.findIndex((c) => c.group === group);
    // Over all groups, in the order of the spec.
    const rank = sizeOf(classes.slice(0, at)) + vacancy.slot;
    return {
      labels: { [LABEL.job]: metadata.name, [LABEL.group]: group },
      environment: [
        { name: ENVIRONMENT.group, value: group },
        { name: ENVIRONMENT.rank, value: String(rank) },
        { name: ENVIRONMENT.world, value: String(sizeOf(classes)) },
      ],
    };
  },
  status(job, outcome, _recovered, now) {
    const { hold } = outcome.framework;
    if (hold?.freezes) return { status: frozenStatus(job, hold, now), end: undefined };
    const status = jobStatus(job, outcome, now);
    const ends = !jobEnded(job) && status.completionTime !== undefined;
    const { phase, message = '' } = status;
    return { status, end: ends ? { failed: phase === 'Failed', message } : undefined };
  },
};
