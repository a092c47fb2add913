import { z } from 'zod';

/** `spec.crashBudget` of a pool. */
export const crashBudget = z
  .object({
    limit: z
      .int()
      .min(1)
      .max(100)
      .describe(
        'After so many crashes within the window the pool creates nothing until the first of them is out of it.',
      ),
    windowSeconds: z.int().min(10).max(86_400).default(600).describe('Length of the window, in seconds.'),
  })
  .describe(
    'How many servers of the current template may crash within a window of time before the pool stops making more of ' +
      'them. Without it the back-off of each server alone slows them down. What runs is left alone, what ended is still cleared away.',
  );

/** An entry of `status.crashes`. */
export const crash = z
  .object({
    uid: z.string().describe('UID of the Pod that crashed.'),
    at: z.string().describe('When it did.').meta({ format: 'date-time' }),
    revision: z.string().describe('Revision of the template that it was made from.'),
  })
  .describe('A crash that counts against the budget.');

/** `spec.crashBudget`. */
export type CrashBudget = z.infer<typeof crashBudget>;
/** A crash as a status holds it. */
export type Crash = z.infer<typeof crash>;
