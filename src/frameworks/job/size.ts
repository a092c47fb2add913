import type { TrainingJobSpec } from '../../api/trainingjob.ts';

type Group = TrainingJobSpec['groups'][number];

/** How a group with `completions` works its tasks off, with defaults filled in. */
export interface TaskRules {
  readonly completions: number;
  readonly parallelism: number;
  readonly maxRestartsPerIndex: number;
}

/** The rules of a group of tasks by index; undefined for one of workers, who run together. */
export const taskRules = ({
  completions,
  parallelism = 1,
  maxRestartsPerIndex = 3,
}: Group): TaskRules | undefined =>
  completions === undefined ? undefined : { completions, parallelism, maxRestartsPerIndex };

/** How many workers, or tasks by index, a group is to have in all. */
export const groupSize = ({ completions, replicas }: Group): number => completions ?? replicas;

/** Whether a job has workers, who run together or not at all. */
export const hasWorkers = ({ groups }: Pick<TrainingJobSpec, 'groups'>): boolean =>
  groups.some(({ completions }) => completions === undefined);
