import { z } from 'zod';
import type { Rule } from '../schema/rules.ts';

/** Fields of a group that may have fewer workers than it asks for. */
export const elastic = {
  minReplicas: z
    .int()
    .min(1)
    .max(10_000)
    .describe(
      'Makes the group elastic: so many workers suffice, and replicas is the most that it has. It starts with as many as fit, ' +
        'gives those above minReplicas up first, the highest ranks before others, when others need their room, and grows back. ' +
        'With runtime PyTorch (torchrun: PET_NNODES is min:max) and None the others go on meanwhile; with JAX and TensorFlow all ' +
        'workers start again in the number that fits. For the last group of a job alone.',
    )
    .optional(),
  growAfterSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .describe(
      'With minReplicas: how long the number of workers stays as it is before some join, s; they come together. 300 when left out.',
    )
    .optional(),
} as const;

/** The rules of a group about them. */
export const ELASTIC_RULES: readonly Rule[] = [
  {
    rule: '!has(self.minReplicas) || !has(self.completions) && self.minReplicas <= self.replicas',
    message:
      'minReplicas is at most replicas, and for workers alone: lower it, or remove it from a group with completions',
    fieldPath: '.minReplicas',
  },
  {
    rule: 'has(self.minReplicas) || !has(self.growAfterSeconds)',
    message: 'growAfterSeconds is for groups that grow: add minReplicas, or remove it',
    fieldPath: '.growAfterSeconds',
  },
];

/** What of each group must stay as it is, as CEL of a group `g`: all but the number of elastic workers, and of tasks at a time. */
const FIXED: readonly string[] = [
  'g.name',
  'g.template',
  'has(g.minReplicas) ? 0 : g.replicas',
  ...['minReplicas', 'growAfterSeconds', 'completions', 'maxRestartsPerIndex', 'maxFailedIndexes'].map(
    (name) => `has(g.${name}) ? g.${name} : -1`,
  ),
  "has(g.runtime) ? g.runtime : ''",
  'has(g.dependsOn) ? g.dependsOn : []',
  'has(g.volumeClaimTemplates) ? g.volumeClaimTemplates : []',
];

/** Rules of the list of groups. */
export const GROUPS_RULES: readonly Rule[] = [
  {
    // Lists are compared: the API server would hold one comparison of templates to be too expensive.
    rule: FIXED.map((part) => `self.map(g, ${part}) == oldSelf.map(g, ${part})`).join(' && '),
    message:
      'groups cannot change once the job exists, since its workers already know each other, but for parallelism, and replicas ' +
      'of a group with minReplicas: delete the job and create it anew',
    reason: 'FieldValueForbidden',
  },
  {
    rule: 'self.all(g, !has(g.minReplicas) || g.name == self[size(self) - 1].name)',
    message:
      'the group with minReplicas must be the last one, since ranks go through groups in their order: move it to the end',
  },
];

/** `status.elastic` of a job. */
export const elasticStatus = z
  .object({
    workers: z.int().describe('Workers that the group has now.'),
    changeTime: z.string().describe('Since when it has so many.').meta({ format: 'date-time' }),
  })
  .describe('How large the group with minReplicas is.');
