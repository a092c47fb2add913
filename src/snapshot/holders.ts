import type { Snapshot } from './snapshot.ts';
import { taskHolder } from './framework-id.ts';
import type { Framework } from './framework.ts';
import type { PodFacts } from './task.ts';

/** Says to which framework of a snapshot a Pod belongs; undefined when it is none of ours. */
export function holdersOf({ frameworks }: Snapshot): (pod: PodFacts) => Framework | undefined {
  const byKey = new Map(frameworks.map((framework) => [framework.holder, framework]));
  return ({ task, customer, namespace }) =>
    (task && byKey.get(taskHolder(task, namespace))) ?? (customer && byKey.get(customer.framework.id));
}
