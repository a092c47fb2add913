import { LABEL } from '../api/group.ts';
import { unknownFields } from './known-fields.ts';
import type { Container, PodSpec } from './reading/objects.ts';
import { podSelectors } from './pod-rules.ts';
import { MIGRATED_SOURCES } from './volumes/in-tree.ts';

/**
 * Volume sources that bind a Pod to nodes by rules that Proffer does not apply: disks that only so many Pods, or nodes,
 * can have at a time; and claims that are made when a Pod is, which is too late for one that is made bound. Those of
 * templates are made before: see own-volumes.ts.
 */
const PLACING_VOLUMES = ['ephemeral', ...MIGRATED_SOURCES, 'iscsi', 'rbd'];

const LABEL_OPERATORS = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);
const NODE_OPERATORS = new Set([...LABEL_OPERATORS, 'Gt', 'Lt']);

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function unsupportedAffinity({ affinity = {} }: PodSpec): string[] {
  const out: string[] = [];
  const { [REQUIRED]: required, [PREFERRED]: preferred = [] } = affinity.nodeAffinity ?? {};
  const terms = [...(required?.nodeSelectorTerms ?? []), ...preferred.map(({ preference }) => preference)];
  for (const { matchExpressions = [], matchFields = [] } of terms) {
    for (const { operator } of [...matchExpressions, ...matchFields])
      if (!NODE_OPERATORS.has(operator)) out.push(`affinity.nodeAffinity operator ${operator}`);
  }
  return out;
}

/** Selectors of Pods. The number of a task's slot differs among equal tasks, so that no rule can go by it. */
function unsupportedSelectors(spec: PodSpec): string[] {
  const out: string[] = [];
  for (const { path, selector, keys } of podSelectors(spec)) {
    const expressions = selector.matchExpressions ?? [];
    for (const { operator } of expressions)
      if (!LABEL_OPERATORS.has(operator)) out.push(`${path} operator ${operator}`);
    const named = [...Object.keys(selector.matchLabels ?? {}), ...expressions.map(({ key }) => key), ...keys];
    if (named.includes(LABEL.slot)) out.push(`${path} with ${LABEL.slot}`);
  }
  (spec.topologySpreadConstraints ?? []).forEach(({ whenUnsatisfiable }, i) => {
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway')
      out.push(`topologySpreadConstraints[${i}].whenUnsatisfiable ${whenUnsatisfiable}`);
  });
  return out;
}

const RESTART_ALL = 'RestartAllContainers';

/** Whether a container asks for what only nodes have that declare it (status.declaredFeatures). */
const needsFeature = ({ restartPolicyRules }: Container): boolean =>
  (restartPolicyRules ?? []).some(({ action }) => action === RESTART_ALL);

/**
 * Paths of the fields in a template that Proffer would have to ignore. A workload with any of them is not placed:
 * its condition Supported names them, so that no constraint is ever dropped in silence. An unknown field counts.
 * @param sent the PodSpec as it came, with what no schema knows
 */
export function unsupportedFields(spec: PodSpec, sent: unknown): string[] {
  const out = unknownFields(sent);
  if (spec.restartPolicy !== undefined && spec.restartPolicy !== 'Never') out.push('restartPolicy');
  // Only some nodes can do it.
  if (spec.hostNetwork === true && spec.hostUsers === false) out.push('hostUsers with hostNetwork');

  out.push(...unsupportedAffinity(spec), ...unsupportedSelectors(spec));
  (spec.tolerations ?? []).forEach(({ operator = 'Equal' }, i) => {
    if (operator && operator !== 'Equal' && operator !== 'Exists')
      out.push(`tolerations[${i}].operator ${operator}`);
  });
  (spec.volumes ?? []).forEach(({ sources }, i) => {
    for (const source of PLACING_VOLUMES) if (sources.includes(source)) out.push(`volumes[${i}].${source}`);
  });
  for (const list of ['containers', 'initContainers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      if (needsFeature(container)) out.push(`${list}[${i}].restartPolicyRules with ${RESTART_ALL}`);
      if (list === 'containers' && container.restartPolicy !== undefined)
        out.push(`${list}[${i}].restartPolicy`);
    });
  }
  return out.map((field) => `template.spec.${field}`);
}
