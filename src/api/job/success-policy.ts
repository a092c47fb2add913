import { z } from 'zod';
import type { Rule } from '../schema/rules.ts';

/** `spec.successPolicy` of a job. */
export const successPolicy = z
  .object({
    groups: z
      .array(z.string().min(1).max(20).describe('Name of a group.'))
      .min(1)
      .max(8)
      .describe('The groups that count; all of the job when left out.')
      .meta({ 'x-kubernetes-list-type': 'set' })
      .optional(),
    operator: z
      .enum(['All', 'Any'])
      .default('All')
      .describe('Whether all of these groups have to succeed, or one of them is enough.'),
    succeededWorkers: z
      .int()
      .min(1)
      .max(100_000)
      .describe(
        'How many workers of a group have to end with exit code 0 for the group to succeed; all of them when left out, or ' +
          'when it has fewer.',
      )
      .optional(),
  })
  .describe(
    'When the job has succeeded: by default when every worker ended with exit code 0. Others that still run then, such as ' +
      'parameter servers, are deleted as cleanPodPolicy says.',
  );

/** Rules of the spec about it. */
export const SUCCESS_RULES: readonly Rule[] = [
  {
    rule:
      '!has(self.successPolicy) || !has(self.successPolicy.groups) || ' +
      'self.successPolicy.groups.all(name, self.groups.exists(g, g.name == name))',
    message: 'successPolicy.groups names a group that is not in groups: correct the name, or add the group',
    fieldPath: '.successPolicy.groups',
  },
];

/** `spec.successPolicy`, with defaults filled in. */
export type SuccessPolicy = z.infer<typeof successPolicy>;
