import { z } from 'zod';
import { atomicList } from '../schema/rules.ts';

/** An entry of `status.groups[].failed`. */
export const failedWorker = z
  .object({
    index: z.int().min(0).describe('Number of the worker in its group, from 0.'),
    failures: z.int().min(1).describe('How many times it failed.'),
    lastTime: z.string().describe('When it failed last.').meta({ format: 'date-time' }),
  })
  .describe('A worker that failed.');

/** An entry of `status.groups`. */
export const groupHistory = z
  .object({
    name: z.string().describe('Name of the group.'),
    completed: z
      .string()
      .describe(
        'Workers that ended with exit code 0, as numbers and ranges: 0-3,7. They are never run again.',
      )
      .optional(),
    failedIndexes: z
      .string()
      .describe('Of a group with completions: tasks that failed for good, as numbers and ranges.')
      .optional(),
    retried: z
      .int()
      .describe(
        'Of a group with completions: how often tasks were tried again that are done or failed for good.',
      )
      .optional(),
    failed: z.array(failedWorker).describe('Workers that failed, and how often.').meta(atomicList).optional(),
  })
  .describe('What a group has done and suffered. It is written here before a Pod may go that tells of it.');

/** What a group has done and suffered, as a status holds it. */
export type GroupHistory = z.infer<typeof groupHistory>;
