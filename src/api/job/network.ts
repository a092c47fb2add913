import { z } from 'zod';

/** `spec.network` of a job. */
export const jobNetwork = z
  .object({
    service: z
      .enum(['Headless', 'None'])
      .default('Headless')
      .describe(
        'Headless: the job gets a Service of its name, by which each worker is found as JOB-GROUP-INDEX.JOB, before it is ' +
          'ready too; one that comes in its place has the same name. None, for workers that do not talk to each other.',
      ),
  })
  .optional()
  .describe('How workers find each other; a headless Service when left out.');
