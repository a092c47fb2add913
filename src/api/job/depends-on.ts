import { z } from 'zod';
import { mapList, type Rule } from '../schema/rules.ts';

/** `dependsOn` of a group of a job. */
export const dependsOn = z
  .array(
    z
      .object({
        group: z.string().min(1).max(20).describe('Name of a group that stands before this one.'),
        condition: z
          .enum(['Placed', 'Ready', 'Succeeded'])
          .default('Ready')
          .describe(
            'Placed: each of its workers has a node, or has succeeded. Ready: each is ready, or has succeeded. Succeeded: each ' +
              'has ended with exit code 0.',
          ),
      })
      .describe('What the group waits for.'),
  )
  .max(7)
  .optional()
  .describe(
    'The group starts no worker, and no worker anew, until all of this holds. Groups that start at the same time are placed ' +
      'all together or not at all; those that wait take no room before.',
  )
  .meta(mapList('group'));

/** A group waits for earlier ones alone, so that no circle can be. Functions of lists would be too expensive for the API server. */
export const DEPENDS_ON_RULE: Rule = {
  rule:
    '[0, 1, 2, 3, 4, 5, 6, 7].all(i, i >= size(self) || !has(self[i].dependsOn) || ' +
    'self[i].dependsOn.all(d, [0, 1, 2, 3, 4, 5, 6].exists(j, j < i && self[j].name == d.group)))',
  message: 'dependsOn must name a group that stands before its own in groups: correct the name, or the order',
};
