import type { Snapshot } from '../../snapshot/build.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { holderKey, holderOf } from '../../snapshot/holder.ts';
import type { PodFacts } from '../../snapshot/task.ts';

/** Says to which framework of a snapshot a Pod belongs; undefined when it is none of ours. */
export function holdersOf({ frameworks }: Snapshot): (pod: PodFacts) => Framework | undefined {
  const byKey = new Map(frameworks.map((framework) => [holderKey(framework), framework]));
  return (pod) => byKey.get(holderOf(pod) ?? '');
}
