import type { PodSpec } from './objects.ts';

/** PodSpec fields that Proffer honours, or that have no say in where a Pod may run. */
const KNOWN = new Set([
  'activeDeadlineSeconds',
  'affinity',
  'automountServiceAccountToken',
  'containers',
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'hostAliases',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostUsers',
  'hostname',
  'imagePullSecrets',
  'initContainers',
  'nodeSelector',
  'os',
  'overhead',
  'readinessGates',
  'resources',
  'restartPolicy',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
  'terminationGracePeriodSeconds',
  'tolerations',
  'volumes',
]);

/** Volume sources that bind a Pod to nodes by rules that Proffer does not apply yet. */
const PLACING_VOLUMES = [
  'persistentVolumeClaim',
  'ephemeral',
  'awsElasticBlockStore',
  'gcePersistentDisk',
  'iscsi',
  'rbd',
];

const NODE_OPERATORS = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);

/** A field that is there and says nothing: null, the empty string, an empty list. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/**
 * Paths of the fields in a template that Proffer would have to ignore. A workload with any of them is not placed:
 * its condition Supported names them, so that no constraint is ever dropped in silence. An unknown field counts.
 */
export function unsupportedFields(spec: PodSpec): string[] {
  const out = Object.entries(spec)
    .filter(([field, value]) => !KNOWN.has(field) && !isEmpty(value))
    .map(([field]) => field);
  if (spec.restartPolicy !== undefined && spec.restartPolicy !== 'Never') out.push('restartPolicy');

  const affinity = spec.affinity ?? {};
  for (const kind of Object.keys(affinity)) if (kind !== 'nodeAffinity') out.push(`affinity.${kind}`);
  const nodeAffinity = affinity.nodeAffinity ?? {};
  for (const kind of Object.keys(nodeAffinity)) {
    if (kind !== 'requiredDuringSchedulingIgnoredDuringExecution') out.push(`affinity.nodeAffinity.${kind}`);
  }
  const terms = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { operator } of terms.flatMap((t) => [
    ...(t.matchExpressions ?? []),
    ...(t.matchFields ?? []),
  ])) {
    if (!NODE_OPERATORS.has(operator)) out.push(`affinity.nodeAffinity operator ${operator}`);
  }
  (spec.tolerations ?? []).forEach(({ operator = 'Equal' }, i) => {
    if (operator && operator !== 'Equal' && operator !== 'Exists')
      out.push(`tolerations[${i}].operator ${operator}`);
  });
  (spec.volumes ?? []).forEach((volume, i) => {
    for (const source of PLACING_VOLUMES) if (source in volume) out.push(`volumes[${i}].${source}`);
  });
  for (const list of ['containers', 'initContainers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      if (container.resources && 'claims' in container.resources) out.push(`${list}[${i}].resources.claims`);
      if (list === 'containers' && container.restartPolicy !== undefined)
        out.push(`${list}[${i}].restartPolicy`);
    });
  }
  return out.map((field) => `template.spec.${field}`);
}
