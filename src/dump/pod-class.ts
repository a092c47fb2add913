import { canonicalJson } from '../lib/hash.ts';
import { NOWHERE } from '../recovery/avoidance.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { holdersOf } from '../snapshot/holders.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import type { PodReading } from '../snapshot/reading/pod.ts';
import { podShape } from '../snapshot/pod-shape.ts';
import type { PodFacts } from '../snapshot/task.ts';

/** Number of the framework of a class that no framework has. */
const NOBODY = -1;

/**
 * The class of any Pod, for the matrices. A task of ours is judged with the memory of its own class: how many are where,
 * and where they failed.
 */
export function podClass(found: PodReading, facts: PodFacts, snapshot: Snapshot): DemandClass {
  const { pod } = found;
  const stored = podShape(found, facts.labels);
  // What has no UID is a manifest, which no admission has added to.
  const shape = pod.metadata.uid === undefined ? snapshot.named.admitted(stored, pod.spec) : stored;
  const framework = holdersOf(snapshot)(facts);
  const own = framework?.classes.find((c) => c.group === (facts.task?.group ?? ''));
  if (own) return { ...own, shape, pending: [], leastPriority: undefined };
  return {
    id: NOBODY,
    framework: framework?.index ?? NOBODY,
    group: '',
    shape,
    scheduling: 'Packed',
    size: 1,
    pending: [],
    leastPriority: undefined,
    perNode: new Map(),
    avoids: NOWHERE,
  };
}

/** Equal for Pods that no rule tells apart, so that they are judged once. */
export function alikeKey({ metadata }: Pod, { namespace, task }: PodFacts, { shape }: DemandClass): string {
  const { demand, constraints, rules, claims, fixedPorts, unsupported } = shape;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller)?.uid;
  const { labels } = metadata;
  const group = task?.group;
  const whose = { namespace, owner, group, labels };
  return canonicalJson({ whose, demand, constraints, rules, claims, fixedPorts, unsupported });
}
