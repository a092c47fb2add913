import { record } from '../lib/record.ts';
import { nodeConstraints } from './constraints.ts';
import type { PodSpec } from './reading/objects.ts';
import { podRules } from './pod-rules.ts';
import { hostPortsOf } from './ports.ts';
import type { PodReading } from './reading/pod.ts';
import { podRequests } from './requests.ts';
import type { Labels } from './reading/selector.ts';
import { unsupportedFields } from './supported.ts';
import { claimsOf } from './volumes/claim-use.ts';
import type { TaskShape } from './workload.ts';

/** Fields that a Pod may have and a template of ours may not: they have no say in where the Pod may live. */
const NOT_PLACING =
  /^(ephemeralContainers|nodeName|preemptionPolicy|priority|priorityClassName|schedulerName|schedulingGates|(containers\[\d+\]\.)?restartPolicy|volumes\[\d+\]\.ephemeral)$/;

/** Paths of the fields of a Pod that are not honoured and say where it may live. */
const unsupportedOf = (spec: PodSpec, sent: unknown): string[] =>
  unsupportedFields(spec, sent)
    .map((field) => field.replace(/^template\.spec\./, ''))
    .filter((field) => !NOT_PLACING.test(field))
    .map((field) => `spec.${field}`);

/**
 * The shape of a Pod that exists. A field that cannot be read is one that is not supported.
 * @param labels those that rules go by; all that it has when left out
 */
export function podShape(
  { pod: { metadata, spec, status }, faults, sent }: PodReading,
  labels: Labels = metadata.labels ?? record(),
): TaskShape {
  const { namespace = '' } = metadata;
  return {
    template: undefined,
    spec: undefined,
    demand: podRequests(spec, status),
    constraints: nodeConstraints(spec),
    namespace,
    labels,
    rules: podRules(spec, namespace, labels),
    ownVolumes: [],
    claims: claimsOf(spec, { name: metadata.name, uid: metadata.uid ?? '' }),
    fixedPorts: hostPortsOf(spec),
    ports: [],
    dynamicPorts: [],
    revision: '',
    unsupported: [...faults, ...unsupportedOf(spec, sent)],
  };
}
