import type { Ranked } from '../../snapshot/named-classes.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { PoolFacts } from '../../snapshot/workload.ts';
import { takeEach } from '../answer.ts';
import type { Driver } from '../driver.ts';
import { poolDraft } from './draft.ts';

/** Pools of game servers: each server is of use by itself. */
export const poolDriver: Driver<Ranked<PoolFacts>, TaskPod> = {
  together: () => false,
  draft: poolDraft,
  answer: (bundle) => takeEach(bundle, 'servers than the pool lacks'),
};
