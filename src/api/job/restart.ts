import { z } from 'zod';

/** `status.restart`. */
export const gangRestart = z
  .object({
    attempt: z
      .int()
      .min(1)
      .describe('How many times all workers were started again. Each is told by PROFFER_RESTART_ATTEMPT.'),
    failures: z
      .int()
      .min(0)
      .describe('Those of them that count against maxRestarts, since a worker had failed.'),
    reason: z.string().describe('Why the last one was: how a worker ended.'),
    startTime: z.string().describe('When it was decided.').meta({ format: 'date-time' }),
    finishTime: z
      .string()
      .describe('When all workers were placed again; not there before.')
      .meta({ format: 'date-time' })
      .optional(),
  })
  .describe('The last restart of all workers. It is written here before the first of them is stopped.');

/** `status.restart`. */
export type GangRestart = z.infer<typeof gangRestart>;
