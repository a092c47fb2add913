import type { PodSpec } from '../snapshot/objects.ts';
import { priorityClassFacts, type PriorityClassFacts } from '../snapshot/priority-class.ts';
import type { ClusterObjects } from './objects.ts';

type Template = { readonly spec?: PodSpec } | undefined;

/**
 * PriorityClasses as far as other objects show them, for a dump that was made without asking for any: a cluster always
 * has two of its own. A class is what Pods of it bear, or 0 when only templates name it.
 */
export function classesShown({ priorityClasses, pods, pools, jobs }: ClusterObjects): PriorityClassFacts[] {
  if (priorityClasses.size > 0) return [];
  const shown = new Map<string, PriorityClassFacts>();
  const show = (spec: PodSpec | undefined) => {
    const name = spec?.priorityClassName;
    if (!name || shown.get(name)?.priority) return;
    const { priority: value = 0, preemptionPolicy } = spec;
    const policy = preemptionPolicy === undefined ? {} : { preemptionPolicy };
    shown.set(name, priorityClassFacts({ metadata: { name }, value, ...policy }));
  };
  for (const { object } of pods.values()) show(object.spec as PodSpec | undefined);
  for (const { object } of pools.values())
    show((object.spec as { template?: Template } | undefined)?.template?.spec);
  for (const { object } of jobs.values()) {
    const { groups = [] } = (object.spec ?? {}) as { groups?: readonly { template?: Template }[] };
    for (const { template } of groups) show(template?.spec);
  }
  return [...shown.values()];
}
