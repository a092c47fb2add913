import { z } from 'zod';
import type { Rule } from '../schema/rules.ts';

/** Most tasks of an indexed group. */
export const MOST_COMPLETIONS = 100_000;

/** Fields of a group whose tasks are pieces of work by their number, in place of equal workers that run together. */
export const indexed = {
  completions: z
    .int()
    .min(1)
    .max(MOST_COMPLETIONS)
    .describe(
      'Makes the group a list of so many tasks, each with its number in PROFFER_TASK_INDEX, from 0: a sweep, self-play, ' +
        'baking. Each has to end with exit code 0 once. They start as room comes, and are no gang: where the job has groups ' +
        'of workers, too, those are placed first. In place of replicas.',
    )
    .optional(),
  parallelism: z
    .int()
    .min(1)
    .max(10_000)
    .describe('With completions: how many of the tasks there are at a time. 1 when left out.')
    .optional(),
  maxRestartsPerIndex: z
    .int()
    .min(0)
    .max(1000)
    .describe(
      'With completions: how many times a task that failed is tried again, with back-off, before its index has failed. The ' +
        'others go on; in the end the job is Failed. 3 when left out. Lost nodes do not count, and neither does maxRestarts.',
    )
    .optional(),
  maxFailedIndexes: z
    .int()
    .min(0)
    .max(MOST_COMPLETIONS)
    .describe('With completions: the job is Failed at once when more indexes than this have failed.')
    .optional(),
} as const;

/** The rules of a group about them. */
export const INDEXED_RULES: readonly Rule[] = [
  {
    rule: '!has(self.completions) || self.replicas == 1',
    message:
      'a group with completions has no replicas: remove replicas, and say how many run at a time by parallelism',
  },
  {
    rule: 'has(self.completions) || !has(self.parallelism) && !has(self.maxRestartsPerIndex) && !has(self.maxFailedIndexes)',
    message:
      'parallelism, maxRestartsPerIndex and maxFailedIndexes are for tasks with indexes: add completions, or remove them',
  },
];
