import { z } from 'zod';
import { condition } from './conditions.ts';
import { checkpoint, jobProgress } from './job/checkpoint.ts';
import { failurePolicy } from './job/failure-policy.ts';
import { gangRestart } from './job/restart.ts';
import { groupHistory } from './job/history.ts';
import { jobQueue } from './job/queue.ts';
import { recovery } from './gameserverpool.ts';
import { indexed, INDEXED_RULES } from './job/indexed.ts';
import { lifetime } from './job/lifetime.ts';
import { SUCCESS_RULES, successPolicy } from './job/success-policy.ts';
import { DEPENDS_ON_RULE, dependsOn } from './job/depends-on.ts';
import { elastic, ELASTIC_RULES, elasticStatus, GROUPS_RULES } from './job/elastic.ts';
import { jobNetwork } from './job/network.ts';
import { topology } from './job/topology.ts';
import { jobClaimRetention, workerVolumes } from './job/volumes.ts';
import { groupRuntime, processesPerWorker, runtime, RUNTIME_RULES } from './job/runtime.ts';
import { noticeSeconds, podTemplate, priority, roleName } from './template.ts';
import { DNS_LABEL } from './schema/names.ts';
import { atomicList, mapList, rules } from './schema/rules.ts';
import { VOLUME_RULES } from './schema/slot-volumes.ts';

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
    replicas: z
      .int()
      .min(1)
      .max(10_000)
      .default(1)
      .describe('How many equal workers the group has; with minReplicas the most.'),
    ...elastic,
    ...indexed,
    dependsOn,
    runtime: groupRuntime,
    volumeClaimTemplates: workerVolumes,
    template: podTemplate,
  })
  .meta(rules(...INDEXED_RULES, ...ELASTIC_RULES, ...VOLUME_RULES))
  .describe(
    'Equal workers. Each gets in its environment PROFFER_GROUP (name of the group), PROFFER_WORKER_INDEX (its rank from ' +
      '0, counted over all groups in their order) and PROFFER_WORLD_SIZE (workers of all groups). Its host name is ' +
      'JOB-GROUP-INDEX, and the subdomain that of the template, or else the Service of the job (network).',
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
    runtime,
    processesPerWorker,
    network: jobNetwork,
    topology,
    groups: z
      .array(group)
      .min(1)
      .max(8)
      .describe(
        'Worker groups. All workers of all groups are placed at once, or none is. Once the job exists only parallelism can change, ' +
          'and replicas of a group with minReplicas.',
      )
      .meta({
        ...mapList('name'),
        ...rules(
          {
            rule: 'self.map(g, g.replicas).sum() <= 10000',
            message: 'a job has at most 10000 workers over all groups: lower replicas, or split the job',
          },
          ...GROUPS_RULES,
          DEPENDS_ON_RULE,
        ),
      }),
    maxRestarts: z
      .int()
      .min(0)
      .max(1000)
      .default(3)
      .describe(
        'How many failed workers are recreated, over all workers, before the job is Failed. A restart of all workers counts once. ' +
          'Lost nodes do not count.',
      ),
    gangTimeoutSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(120)
      .describe(
        'How long, in seconds, a job that lost workers and finds no room for them may hold the room of the others while somebody ' +
          'else waits for room. Then all its workers are deleted, and placed anew together once all of them fit.',
      ),
    persistentVolumeClaimRetentionPolicy: jobClaimRetention,
    failurePolicy: failurePolicy.optional(),
    startTimeoutSeconds: z
      .int()
      .min(10)
      .max(86_400)
      .default(1800)
      .describe(
        'How long, in seconds, the containers of a placed worker may take to start: to pull images, to mount volumes, to find their ' +
          'Secrets. Then the worker has failed with the reason NeverStarted. Init containers may work for as long as they like.',
      ),
    recovery,
    checkpoint,
    successPolicy: successPolicy.optional(),
    ...lifetime,
  })
  .meta(
    rules(
      {
        rule: 'has(self.role) == has(oldSelf.role) && (!has(self.role) || self.role == oldSelf.role)',
        message: 'role cannot change once the job exists: delete the job and create it anew',
        fieldPath: '.role',
        reason: 'FieldValueForbidden',
      },
      ...RUNTIME_RULES,
      ...SUCCESS_RULES,
    ),
  )
  .describe('What the job should do.');

/** Status of a TrainingJob, as the operator writes it. */
export const trainingJobStatus = z
  .object({
    observedGeneration: z.int().describe('Generation of the spec that this status speaks of.').optional(),
    phase: z
      .enum(['Pending', 'Running', 'Suspended', 'Succeeded', 'Failed'])
      .describe(
        'Pending until all workers are placed, and again while none is and some wait, as after the job gave way; Suspended ' +
          'while spec.suspend is true; Succeeded when all ended well, or as successPolicy says; Failed after too many ' +
          'restarts, or when activeDeadlineSeconds are over.',
      )
      .optional(),
    workers: z.int().describe('Workers that the job asks for.').optional(),
    size: z
      .string()
      .describe(
        'Workers as people read it: 6; of a job with minReplicas those that it has now and the most, as 4/6.',
      )
      .optional(),
    elastic: elasticStatus.optional(),
    active: z.int().describe('Workers that are placed and have not ended.').optional(),
    succeeded: z.int().describe('Workers that ended with exit code 0.').optional(),
    restarts: z
      .int()
      .describe('Workers that failed and were recreated; each restart of all workers counts one.')
      .optional(),
    groups: z
      .array(groupHistory)
      .describe(
        'What the workers of each group have done and suffered; groups of which nothing ended are left out.',
      )
      .meta(mapList('name'))
      .optional(),
    restart: gangRestart.optional(),
    queue: jobQueue.optional(),
    progress: jobProgress.optional(),
    recentFailures: z
      .array(z.string().describe('When one did.').meta({ format: 'date-time' }))
      .describe('When workers failed within failurePolicy.windowSeconds, as far as it counts.')
      .meta(atomicList)
      .optional(),
    startTime: z
      .string()
      .describe(
        'When all workers that start together were first placed, since the job was last suspended; of tasks by index the first.',
      )
      .optional(),
    completionTime: z.string().describe('When the job Succeeded or Failed.').optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    conditions: z
      .array(condition)
      .describe('Queued, Placed, Running, Complete, Failed and Supported; Suspended of a job that is or was.')
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
        `self.metadata.name.matches('^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$') && ` +
        'self.spec.groups.all(g, size(self.metadata.name) + size(g.name) <= 50)',
      message:
        "metadata.name must be a DNS label (lower-case letters, digits and '-') that begins with a letter, so that a Service " +
        'can have it, and has at most 50 characters together with the longest name in spec.groups, so that the names of its ' +
        'workers fit in a label',
    }),
  );

/** Desired state of a job, with defaults filled in. */
export type TrainingJobSpec = z.infer<typeof trainingJobSpec>;
/** Observed state of a job. */
export type TrainingJobStatus = z.infer<typeof trainingJobStatus>;
/** One entry of `spec.groups`. */
