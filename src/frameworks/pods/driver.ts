import type { CustomerGroup, CustomerPod } from '../../snapshot/customer-groups.ts';
import { takeAll, takeEach } from '../common/answer.ts';
import type { Driver } from '../common/driver.ts';
import { podsDraft } from './draft.ts';

/** Pods of others that name our scheduler: somebody else makes and deletes them. */
export const podsDriver: Driver<CustomerGroup, CustomerPod> = {
  word: 'Pod',
  together: ({ pods }) => pods[0]!.customer.gangMin !== undefined,
  draft: podsDraft,
  answer: (bundle) =>
    bundle.framework.gang ? takeAll(bundle, 'Pods of the gang') : takeEach(bundle, 'Pods than wait'),
  // They exist already, and what is said of them stands on each.
  marks: () => ({ labels: {}, environment: [] }),
  status: () => undefined,
};
