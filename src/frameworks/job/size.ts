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

/** How a group with `minReplicas` grows and shrinks, with defaults filled in. */
export interface Elastic {
  readonly least: number;
  readonly most: number;
  /** Each worker is told how many there are when it starts: all start again when that changes. */
  readonly isFixed: boolean;
  readonly growAfterMs: number;
}

/** Runtimes whose workers know their number from the beginning on. */
const FIXED: ReadonlySet<string> = new Set(['JAX', 'TensorFlow']);

/** How a group grows and shrinks; undefined for one that has always as many workers as it asks for. */
export const elasticOf = (
  { minReplicas, replicas, growAfterSeconds = 300, runtime: own }: Group,
  { runtime }: Pick<TrainingJobSpec, 'runtime'>,
): Elastic | undefined =>
  minReplicas === undefined
    ? undefined
    : {
        least: minReplicas,
        most: replicas,
        isFixed: own !== 'None' && FIXED.has(runtime),
        growAfterMs: growAfterSeconds * 1000,
      };

/** What an elastic group has. */
export interface Members {
  /** Workers that run or start, are done, or come back after a failure. */
  readonly members: number;
  readonly completed: number;
  /** How many those that run were told that they are; undefined when none says so. */
  readonly told: number | undefined;
  /** It may grow again from then on, ms since the epoch. */
  readonly growsFrom: number;
}

/** What an elastic group lacks: so many have to come together, and so many may. */
export interface Wanted {
  readonly least: number;
  readonly most: number;
}

/**
 * What an elastic group is to take of what is offered. It starts with as many as fit. Then it waits before some more join, and
 * when one is done with its work nobody joins any more.
 * @param now ms since the epoch
 */
export function wanted(
  { least, most, isFixed }: Elastic,
  { members, completed, told, growsFrom }: Members,
  now: number,
): Wanted {
  const size = isFixed && told !== undefined ? Math.max(least, told) : least;
  const lacking = Math.max(0, size - members);
  // Those who were told a number wait for all of them, and for nobody else.
  if (lacking > 0) return { least: lacking, most: isFixed && told !== undefined ? lacking : most - members };
  const rests = completed > 0 || now < growsFrom;
  return { least: 0, most: rests ? 0 : Math.max(0, most - members) };
}
