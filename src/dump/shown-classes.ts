import type { PodSpec } from '../snapshot/reading/objects.ts';
import { priorityClassFacts, type PriorityClassFacts } from '../snapshot/priority-class.ts';

/**
 * PriorityClasses as far as Pods and templates show them, for a dump that was made without asking for any: a cluster
 * always has two of its own. A class is what Pods of it bear, or 0 when only templates name it.
 */
export function classesShown(specs: readonly PodSpec[]): PriorityClassFacts[] {
  const shown = new Map<string, PriorityClassFacts>();
  for (const { priorityClassName: name, priority: value = 0, preemptionPolicy } of specs) {
    if (!name || shown.get(name)?.priority) continue;
    shown.set(name, priorityClassFacts({ metadata: { name }, value, preemptionPolicy }));
  }
  return [...shown.values()];
}
