import { ANNOTATION, CUSTOMER_LABEL as LABEL, LABEL as TASK_LABEL, SCHEDULER_NAME } from '../api/group.ts';
import { ROLE_PATH } from '../api/schema/names.ts';
import { parseTime } from '../lib/time.ts';
import { record } from '../lib/record.ts';
import { labelRef, ownerRef, type FrameworkRef } from './framework-id.ts';
import type { Pod } from './reading/objects.ts';
import { unnumbered } from './index-labels.ts';
import { podShape } from './pod-shape.ts';
import type { PodReading } from './reading/pod.ts';
import { Sharing } from './sharing.ts';
import type { TaskShape } from './workload.ts';

/** What was last said of a Pod that waits: its condition PodScheduled. */
export interface Told {
  readonly reason: string;
  readonly message: string;
  /** When it was said, ms since the epoch; 0 when unknown. */
  readonly at: number;
}

/** How a Pod that names our scheduler takes part. Somebody else made it and somebody else recreates it. */
export interface CustomerFacts {
  /** Those that are offered resources together: the Pods of one owner, of one label, or of one gang. */
  readonly framework: FrameworkRef;
  /** Name or path of the role that it draws on. */
  readonly role: string;
  /** UID of the controlling owner; empty when nobody owns it. */
  readonly owner: string;
  /** When the last of its containers ended, ms since the epoch; 0 when none has, or nobody knows. */
  readonly endedAt: number;
  /** Least members of its gang that run together; NaN when the label cannot be read; undefined without a gang. */
  readonly gangMin: number | undefined;
  /** Gives way to everybody who does not. */
  readonly revocable: boolean;
  /** Others may be evicted for it. */
  readonly preempts: boolean;
  /** It runs for good, so that replicas are better apart. */
  readonly spreads: boolean;
  /** What it asks for, while it waits to be bound: equal ones are one object. */
  readonly shape: TaskShape | undefined;
  /** The same without labels that number Pods: that of all Pods of an Indexed Job is one object. */
  readonly unnumbered: TaskShape | undefined;
  readonly told: Told | undefined;
}

const NOTHING = record<string>();
const ROLE = new RegExp(ROLE_PATH);
/** As long as the API server lets a workload name its role. */
const LONGEST_ROLE = 253;

/** Anybody who may edit a Pod can write anything there: what no workload could name makes no account. */
export const roleIn = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= LONGEST_ROLE && ROLE.test(text) ? text : undefined;

/** Owners whose Pods run for good. */
const SERVICES = new Set(['ReplicaSet', 'StatefulSet', 'ReplicationController']);

const controllerOf = ({ metadata }: Pod) => metadata.ownerReferences?.find(({ controller }) => controller);

/** Those that belong together by name and draw on different roles are apart: room is given by the account of one. */
function frameworkOf(pod: Pod, role: string): FrameworkRef {
  const { name, namespace = '', labels = NOTHING } = pod.metadata;
  const account = role === namespace ? [] : [role];
  const { [LABEL.gang]: gang, [LABEL.framework]: framework } = labels;
  if (gang) return labelRef('gang', namespace, gang, account);
  if (framework) return labelRef('framework', namespace, framework, account);
  const owner = controllerOf(pod);
  return owner ? ownerRef(owner, namespace, account) : labelRef('pod', namespace, name, account);
}

function gangMinOf({ metadata: { labels = NOTHING } }: Pod): number | undefined {
  const { [LABEL.gang]: gang, [LABEL.gangMin]: min } = labels;
  if (!gang) return undefined;
  return min !== undefined && /^[1-9]\d{0,5}$/.test(min) ? Number(min) : Number.NaN;
}

const endOf = ({ status }: Pod): number =>
  (status?.containerStatuses ?? []).reduce(
    (last, { state }) => Math.max(last, parseTime(state?.terminated?.finishedAt)),
    0,
  );

function toldOf({ status }: Pod): Told | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  const { reason = '', message = '', lastProbeTime } = condition;
  return { reason, message, at: parseTime(lastProbeTime ?? undefined) };
}

/** Whether a Pod waits for a scheduler: it is not bound, not on its way out, and no gate holds it. */
const waits = ({ metadata, spec, status }: Pod): boolean =>
  spec.nodeName === undefined &&
  metadata.deletionTimestamp === undefined &&
  (spec.schedulingGates ?? []).length === 0 &&
  status?.phase !== 'Failed' &&
  status?.phase !== 'Succeeded';

/** Makes a reader of what Pods are as customers; undefined for those that another scheduler places. */
export function createCustomerReader(): (reading: PodReading) => CustomerFacts | undefined {
  const refs = new Sharing<FrameworkRef>();
  const shapes = new Sharing<TaskShape>();
  return (reading) => {
    const { pod } = reading;
    const { spec, metadata } = pod;
    if (spec.schedulerName !== SCHEDULER_NAME) return undefined;
    const { labels = NOTHING, annotations = NOTHING, namespace = '' } = metadata;
    // It is there for node autoscalers alone.
    if (labels[TASK_LABEL.standIn] !== undefined) return undefined;
    const waiting = waits(pod);
    const bare = unnumbered(labels);
    const shape = waiting ? shapes.share(podShape(reading)) : undefined;
    const owner = controllerOf(pod);
    const role = roleIn(labels[LABEL.role]) ?? roleIn(annotations[ANNOTATION.role]) ?? namespace;
    return {
      framework: refs.share(frameworkOf(pod, role)),
      role,
      owner: owner?.uid ?? '',
      endedAt: endOf(pod),
      gangMin: gangMinOf(pod),
      revocable: labels[LABEL.revocable] === 'true',
      preempts: spec.preemptionPolicy !== 'Never',
      spreads: SERVICES.has(owner?.kind ?? ''),
      shape,
      unnumbered: shape && bare !== labels ? shapes.share(podShape(reading, bare)) : shape,
      told: waiting ? toldOf(pod) : undefined,
    };
  };
}
