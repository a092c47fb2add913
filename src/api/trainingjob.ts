import { z } from 'zod';
import { condition } from './conditions.ts';
import { recovery } from './gameserverpool.ts';
import { noticeSeconds, podTemplate, priority, roleName } from './template.ts';
import { DNS_LABEL, mapList, rules } from './validation.ts';

const group = z
  .object({
    name: z
      .string()
      .min(1)
      .max(20)
      .describe('Name of the group, unique in the job: worker, launcher.')
      .meta(
        rules({
          rule: `self.matches('^${DNS_LABEL}$')`,
          message: "a group name must be a DNS label: lower-case letters, digits and '-', such as worker",
        }),
      ),
    replicas: z.int().min(1).max(10_000).default(1).describe('How many equal workers the group has.'),
    template: podTemplate,
  })
  .describe(
    'Equal workers. Each gets in its environment PROFFER_GROUP (name of the group), PROFFER_WORKER_INDEX (its rank from ' +
      '0, counted over all groups in their order) and PROFFER_WORLD_SIZE (workers of all groups).',
  );

/** Spec of a TrainingJob. */
export const trainingJobSpec = z
  .object({
    role: roleName.optional(),
    priority,
    revocable: z
      .boolean()
      .default(false)
      .describe(
        'The job fills what everybody else leaves free, and is evicted as soon as somebody else finds no room.',
      ),
    noticeSeconds,
    groups: z
      .array(group)
      .min(1)
      .max(8)
      .describe(
        'Worker groups. All workers of all groups are placed at once, or none is. Fixed once the job exists.',
      )
      .meta({
        ...mapList('name'),
        ...rules(
          {
            rule: 'self.map(g, g.replicas).sum() <= 10000',
            message: 'a job has at most 10000 workers over all groups: lower replicas, or split the job',
          },
          {
            rule: 'self == oldSelf',
            message:
              'groups cannot change once the job exists, since its workers already know each other: delete the job and ' +
              'create it anew',
            reason: 'FieldValueForbidden',
          },
        ),
      }),
    maxRestarts: z
      .int()
      .min(0)
      .max(1000)
      .default(3)
      .describe(
        'How many failed workers are recreated, over all workers, before the job is Failed. Lost nodes do not count.',
      ),
    recovery,
  })
  .meta(
    rules({
      rule: 'has(self.role) == has(oldSelf.role) && (!has(self.role) || self.role == oldSelf.role)',
      message: 'role cannot change once the job exists: delete the job and create it anew',
      fieldPath: '.role',
      reason: 'FieldValueForbidden',
    }),
  )
  .describe('What the job should do.');

/** Status of a TrainingJob, as the operator writes it. */
export const trainingJobStatus = z
  .object({
    observedGeneration: z.int().describe('Generation of the spec that this status speaks of.').optional(),
    phase: z
      .enum(['Pending', 'Running', 'Succeeded', 'Failed'])
      .describe(
        'Pending until all workers are placed, and again while none is and some wait, as after the job gave way; Succeeded ' +
          'when all ended well; Failed after too many restarts.',
      )
      .optional(),
    workers: z.int().describe('Workers that the job asks for.').optional(),
    active: z.int().describe('Workers that are placed and have not ended.').optional(),
    succeeded: z.int().describe('Workers that ended with exit code 0.').optional(),
    restarts: z.int().describe('Workers that failed and were recreated.').optional(),
    startTime: z.string().describe('When all workers were first placed.').optional(),
    completionTime: z.string().describe('When the job Succeeded or Failed.').optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    conditions: z
      .array(condition)
      .describe('Placed, Complete, Failed and Supported.')
      .meta(mapList('type'))
      .optional(),
  })
  .describe('How far the job is, as the operator last saw it.');

/** A TrainingJob as the API serves it, without its metadata. */
export const trainingJob = z
  .object({ spec: trainingJobSpec, status: trainingJobStatus.optional() })
  .describe('Groups of workers that run together until all of them end with exit code 0.')
  .meta(
    rules({
      rule:
        `self.metadata.name.matches('^${DNS_LABEL}$') && ` +
        'self.spec.groups.all(g, size(self.metadata.name) + size(g.name) <= 50)',
      message:
        "metadata.name must be a DNS label (lower-case letters, digits and '-') that has at most 50 characters together " +
        'with the longest name in spec.groups, so that the names of its workers fit in a label',
    }),
  );

/** Desired state of a job, with defaults filled in. */
export type TrainingJobSpec = z.infer<typeof trainingJobSpec>;
/** Observed state of a job. */
export type TrainingJobStatus = z.infer<typeof trainingJobStatus>;
/** One entry of `spec.groups`. */
