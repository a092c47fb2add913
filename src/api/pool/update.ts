import { z } from 'zod';
import { marks } from '../schema/marks.ts';
import { rules } from '../schema/rules.ts';
import { MOST_SERVERS } from './autoscale.ts';

/** So many servers, or a part of those that nobody holds. */
const amount = z
  .union([z.int().min(0).max(MOST_SERVERS), z.string().regex(/^(\d{1,2}|100)%$/)])
  .describe('A number of servers, or a part such as 25% of the servers that players do not hold.')
  .meta({
    'x-kubernetes-int-or-string': true,
    maxLength: 8,
    ...rules({
      rule: "string(self).matches('^([0-9]{1,6}|([0-9]{1,2}|100)%)$')",
      message: 'write a number of servers such as 3, or a part of them such as 25%',
    }),
  });

const overflow = z
  .object({ labels: marks('Labels').default({}), annotations: marks('Annotations').default({}) })
  .describe(
    'Labels and annotations that a server gets while players hold it although the pool has no place for it any more: it ' +
      'runs an older template, or there are more held servers than replicas. They are taken off when that is over.',
  );

const DEFAULTS = {
  strategy: 'RollingUpdate',
  maxSurge: '25%',
  maxUnavailable: '25%',
  paused: false,
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
} as const;

const zero = (field: string) => `string(self.${field}) in ['0', '0%']`;

/** `spec.update` of a pool. */
export const poolUpdate = z
  .object({
    strategy: z
      .enum(['RollingUpdate', 'Recreate', 'InPlaceIfPossible'])
      .default(DEFAULTS.strategy)
      .describe(
        'RollingUpdate replaces servers step by step, within maxSurge and maxUnavailable. Recreate ends all servers of ' +
          'older templates before it makes new ones. InPlaceIfPossible is RollingUpdate, but where nothing differs but ' +
          'images, cpu and memory of containers, and values of labels and annotations, a server keeps its Pod, node and ' +
          'ports, and its containers with another image are started anew. None of them ends a server that players hold.',
      ),
    maxSurge: amount
      .default(DEFAULTS.maxSurge)
      .describe(
        'How many servers more than the replicas there may be during an update: a number, or a part such as 25% of the ' +
          'servers that players do not hold, rounded up.',
      ),
    maxUnavailable: amount
      .default(DEFAULTS.maxUnavailable)
      .describe(
        'How many of the servers that players do not hold may not be ready during an update: a number, or a part such as ' +
          '25% of them, rounded down. When this and maxSurge both come to 0 it is 1.',
      ),
    paused: z
      .boolean()
      .default(DEFAULTS.paused)
      .describe(
        'No server goes because of its template while this is true. Servers that are made meanwhile, to scale up or to ' +
          'replace others, have the new template.',
      ),
    progressDeadlineSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(DEFAULTS.progressDeadlineSeconds)
      .describe(
        'After so many seconds without progress the condition Progressing is False. The update goes on all the same.',
      ),
    revisionHistoryLimit: z
      .int()
      .min(0)
      .max(100)
      .default(DEFAULTS.revisionHistoryLimit)
      .describe('How many templates that no server has any more are kept to go back to.'),
    overflow: overflow.optional(),
  })
  .meta(
    rules({
      rule: `!(${zero('maxSurge')} && ${zero('maxUnavailable')})`,
      message: 'maxSurge and maxUnavailable cannot both be 0: nothing could be updated; raise one of them',
    }),
  )
  .default({ ...DEFAULTS })
  .describe('How servers come to a changed template or changed ports.');

/** `spec.update` with defaults filled in. */
export type PoolUpdate = z.infer<typeof poolUpdate>;
