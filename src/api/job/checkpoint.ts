import { z } from 'zod';
import { rules } from '../schema/rules.ts';

/** `spec.checkpoint`. */
export const checkpoint = z
  .object({
    path: z
      .string()
      .min(1)
      .max(512)
      .describe('Folder, in a volume of the template that outlives its Pods.')
      .meta(rules({ rule: "self.startsWith('/')", message: 'checkpoint.path is absolute: begin it with /' })),
  })
  .optional()
  .describe(
    'Where workers write what they have learned so far, and read it when they start again: they are told by ' +
      'PROFFER_CHECKPOINT_PATH, and by PROFFER_CHECKPOINT_STEP of the last step that one of them told to be there.',
  );

/** `status.progress`. */
export const jobProgress = z
  .object({
    step: z.int().min(0).describe('The highest step that a worker that runs told, or did before it ended.'),
    steps: z.int().min(0).describe('How many there are to be, when they told it.').optional(),
    checkpointStep: z
      .int()
      .min(0)
      .describe('The last step that is in a checkpoint, as they told.')
      .optional(),
    checkpointTime: z
      .string()
      .describe('When that was heard of first.')
      .meta({ format: 'date-time' })
      .optional(),
    lastTime: z.string().describe('When this was last written.').meta({ format: 'date-time' }),
  })
  .describe('How far the workers are, by their counters `step` and `checkpoint`.');

/** `status.progress`. */
export type JobProgress = z.infer<typeof jobProgress>;
