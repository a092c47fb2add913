import { z } from 'zod';
import { rules } from '../schema/rules.ts';

/** `spec.topology` of a job. */
export const topology = z
  .object({
    key: z
      .string()
      .min(1)
      .max(317)
      .describe(
        'Label of nodes, such as topology.kubernetes.io/zone: nodes with equal values are one domain.',
      )
      .meta(
        rules({
          rule: '!format.qualifiedName().validate(self).hasValue()',
          message: 'key must be the name of a label, such as topology.kubernetes.io/zone',
        }),
      ),
    policy: z
      .enum(['Required', 'Preferred'])
      .default('Required')
      .describe(
        'Required: all workers run in one domain, or wait. Preferred: in one domain if one has room for all, else in as few as ' +
          'can be.',
      ),
    exclusive: z
      .boolean()
      .default(false)
      .describe(
        'No worker of another job runs in a domain where one of this job does, and none comes there. Nodes without the label are no domain.',
      ),
  })
  .optional()
  .describe('Keeps the workers of all groups close to each other.');
