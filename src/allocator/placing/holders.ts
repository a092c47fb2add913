import type { Snapshot } from '../../snapshot/build.ts';
import { accountOf, taskAccount } from '../../snapshot/framework-id.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { PodFacts } from '../../snapshot/task.ts';

/** Says to which framework of a snapshot a Pod belongs; undefined when it is none of ours. */
export function holdersOf({ frameworks }: Snapshot): (pod: PodFacts) => Framework | undefined {
  const byAccount = new Map(
    frameworks.map((framework) => [accountOf(framework.kind, framework.metadata, framework.id), framework]),
  );
  return ({ task, customer, namespace }) =>
    (task && byAccount.get(taskAccount(task, namespace))) ??
    (customer && byAccount.get(customer.framework.id));
}
