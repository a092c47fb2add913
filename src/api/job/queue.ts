import { z } from 'zod';

/** `status.queue` of a job. */
export const jobQueue = z
  .object({
    place: z
      .int()
      .min(1)
      .describe(
        'How many of its role have their turn until it has its own, itself counted: 1 is the next. Rounded up to tens beyond 10, ' +
          'to hundreds beyond 100.',
      ),
    expectedStart: z
      .string()
      .meta({ format: 'date-time' })
      .describe(
        'Of the next: when activeDeadlineSeconds of jobs that run will have freed its room at the latest, if nobody else takes it. ' +
          'Left out where they do not, or where more than amounts counts: topology, affinity, volumes, host ports, quota.',
      )
      .optional(),
  })
  .describe('Its place in line while its workers wait for room.');

/** The place of a job in line. */
export type JobQueue = z.infer<typeof jobQueue>;
