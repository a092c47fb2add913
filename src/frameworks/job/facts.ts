import { LABEL } from '../../api/group.ts';
import type { PodTemplate } from '../../api/template.ts';
import { KIND } from '../../api/kinds.ts';
import {
  trainingJobSpec,
  trainingJobStatus,
  type TrainingJobSpec,
  type TrainingJobStatus,
} from '../../api/trainingjob.ts';
import { canonicalJson } from '../../lib/hash.ts';
import {
  commonFacts,
  keptTemplate,
  NO_TEMPLATE,
  shapeOf,
  type RawObject,
  type Workload,
} from '../../snapshot/workload.ts';
import { exclusiveTemplate } from './exclusive.ts';
import { peerLabels, peersOf, type Peers } from './peers.ts';

/** A TrainingJob, read. */
export type JobFacts = Workload<TrainingJobSpec, TrainingJobStatus> & { readonly peers: Peers };

/** A host name of its own would be that of all workers of a group. */
const hostNameFault = (template: PodTemplate | undefined): string[] =>
  template?.spec['hostname'] ? ['template.spec.hostname (each worker has its own: JOB-GROUP-INDEX)'] : [];

/** Reads a TrainingJob. */
export function jobFacts(raw: RawObject): JobFacts {
  const facts = commonFacts<TrainingJobSpec, TrainingJobStatus>(raw, trainingJobSpec, trainingJobStatus, {
    groups: [{ name: 'unread', template: NO_TEMPLATE }],
  });
  const { name, namespace = '' } = facts.metadata;
  const { persistentVolumeClaimRetentionPolicy, topology } = facts.spec;
  const shapes = facts.spec.groups.map(({ name: of, template, completions, volumeClaimTemplates }) => {
    const own = { [LABEL.job]: name, [LABEL.group]: of, ...peerLabels(name, { completions }) };
    const volumes = { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy };
    const sent = topology?.exclusive ? exclusiveTemplate(template, topology.key, facts.metadata) : template;
    const shape = shapeOf(sent, [], namespace, own, undefined, volumes);
    return { ...shape, unsupported: [...shape.unsupported, ...hostNameFault(shape.template)] };
  });
  const spec = {
    ...facts.spec,
    groups: facts.spec.groups.map((group, g) => ({ ...group, template: keptTemplate(shapes[g]!) })),
  };
  const groups = spec.groups.map(({ name: of }, g) => ({ name: of, shape: shapes[g]! }));
  const { groups: groupsTold, restart, recentFailures } = facts.status;
  const counted = canonicalJson([groupsTold ?? [], restart, recentFailures]);
  return { ...facts, names: KIND.job, counted, spec, groups, peers: peersOf(facts.metadata, spec) };
}
