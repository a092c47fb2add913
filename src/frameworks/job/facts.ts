import { LABEL } from '../../api/group.ts';
import { KIND } from '../../api/kinds.ts';
import {
  trainingJobSpec,
  trainingJobStatus,
  type TrainingJobSpec,
  type TrainingJobStatus,
} from '../../api/trainingjob.ts';
import {
  commonFacts,
  keptTemplate,
  NO_TEMPLATE,
  shapeOf,
  type RawObject,
  type Workload,
} from '../../snapshot/workload.ts';

/** A TrainingJob, read. */
export type JobFacts = Workload<TrainingJobSpec, TrainingJobStatus>;

/** Reads a TrainingJob. */
export function jobFacts(raw: RawObject): JobFacts {
  const facts = commonFacts<TrainingJobSpec, TrainingJobStatus>(raw, trainingJobSpec, trainingJobStatus, {
    groups: [{ name: 'unread', template: NO_TEMPLATE }],
  });
  const { name, namespace = '' } = facts.metadata;
  const shapes = facts.spec.groups.map((group) =>
    shapeOf(group.template, [], namespace, { [LABEL.job]: name, [LABEL.group]: group.name }),
  );
  const spec = {
    ...facts.spec,
    groups: facts.spec.groups.map((group, g) => ({ ...group, template: keptTemplate(shapes[g]!) })),
  };
  const groups = spec.groups.map(({ name: of }, g) => ({ name: of, shape: shapes[g]! }));
  return { ...facts, names: KIND.job, spec, groups };
}
