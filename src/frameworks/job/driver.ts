import type { Ranked } from '../../snapshot/named-classes.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { JobFacts } from '../../snapshot/workload.ts';
import { takeAll } from '../answer.ts';
import type { Driver } from '../driver.ts';
import { jobDraft } from './draft.ts';

/** Training jobs: half a job trains nothing, and keeps others waiting. */
export const jobDriver: Driver<Ranked<JobFacts>, TaskPod> = {
  together: () => true,
  draft: jobDraft,
  answer: (bundle) => takeAll(bundle, 'workers'),
};
