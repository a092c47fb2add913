import { canonicalJson } from '../lib/hash.ts';
import type { Snapshot } from '../snapshot/build.ts';
import { nodeConstraints } from '../snapshot/constraints.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import type { Pod, PodSpec } from '../snapshot/objects.ts';
import { podRules } from '../snapshot/pod-rules.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { unsupportedFields } from '../snapshot/supported.ts';
import type { TaskShape } from '../snapshot/workload.ts';

/** Fields that a Pod may have and a template of ours may not: they have no say in where the Pod could live now. */
const NOT_PLACING =
  /^(ephemeralContainers|nodeName|preemptionPolicy|priority|priorityClassName|schedulerName|(containers\[\d+\]\.)?restartPolicy|volumes\[\d+\]\.ephemeral)$/;

/** Paths of the fields of a Pod that are not honoured and say where it may live. */
const unsupportedOf = (spec: PodSpec): string[] =>
  unsupportedFields(spec)
    .map((field) => field.replace(/^template\.spec\./, ''))
    .filter((field) => !NOT_PLACING.test(field))
    .map((field) => `spec.${field}`);

/** The shape of a Pod that exists, as if it were a template. */
function shapeOf({ metadata, spec }: Pod, facts: PodFacts): TaskShape {
  return {
    template: {
      ...(metadata.labels === undefined ? {} : { metadata: { labels: metadata.labels } }),
      spec: spec as unknown as TaskShape['template']['spec'],
    },
    demand: facts.requests,
    constraints: nodeConstraints(spec),
    namespace: facts.namespace,
    labels: facts.labels,
    rules: podRules(spec, facts.namespace, facts.labels),
    claims: facts.claims,
    fixedPorts: facts.hostPorts,
    dynamicPorts: [],
    revision: '',
    unsupported: unsupportedOf(spec),
  };
}

/** Number of the framework of a class that no framework has. */
const NOBODY = -1;

/**
 * The class of any Pod, for the matrices. A task of ours is judged with the memory of its own class: how many are where,
 * and where they failed.
 */
export function podClass(pod: Pod, facts: PodFacts, snapshot: Snapshot): DemandClass {
  // What has no UID is a manifest, which no admission has added to.
  const shape =
    pod.metadata.uid === undefined
      ? snapshot.named.admitted(shapeOf(pod, facts), pod.spec)
      : shapeOf(pod, facts);
  const { task } = facts;
  const framework = task && snapshot.frameworks.find((f) => f.metadata.uid === task.owner);
  const own = framework?.classes.find((c) => c.group === task?.group);
  if (own) return { ...own, shape, pending: [] };
  return {
    id: NOBODY,
    framework: NOBODY,
    group: '',
    shape,
    scheduling: 'Packed',
    pending: [],
    perNode: new Map(),
    failuresOn: new Map(),
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
