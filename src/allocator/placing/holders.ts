import type { Snapshot } from '../../snapshot/build.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { PodFacts } from '../../snapshot/task.ts';

/** Says to which framework of a snapshot a Pod belongs; undefined when it is none of ours. */
export function holdersOf({ frameworks }: Snapshot): (pod: PodFacts) => Framework | undefined {
  const byOwner = new Map(frameworks.map((framework) => [framework.metadata.uid ?? framework.id, framework]));
  return ({ task, customer }) => byOwner.get(task?.owner ?? customer?.framework.id ?? '');
}
