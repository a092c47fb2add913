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
    totalSteps: z
      .int()
      .min(1)
      .describe('How many steps there are to be, where workers do not tell it themselves as STEP/STEPS.')
      .optional(),
  })
  .optional()
  .describe(
    'Where workers write what they have learned so far, and read it when they start again: they are told by ' +
      'PROFFER_CHECKPOINT_PATH, and by PROFFER_CHECKPOINT_STEP of the last step that one of them told to be there.',
  );

/** `status.progress`. */
export const jobProgress = z
  .object({
    step: z
      .int()
      .min(0)
      .describe(
        'The highest step that a worker that runs told. When none is left that told one, and they had not succeeded, the last step ' +
          'that is in a checkpoint.',
      ),
    steps: z
      .int()
      .min(0)
      .describe('How many there are to be, as they told it, or checkpoint.totalSteps.')
      .optional(),
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
    lostSteps: z
      .int()
      .min(0)
      .describe(
        'Steps that were done and lost, over the life of the job: those since the last checkpoint, each time when workers went down.',
      )
      .optional(),
    fromStep: z.int().min(0).describe('The first step that was heard of since they last started.').optional(),
    fromTime: z.string().describe('When that was.').meta({ format: 'date-time' }).optional(),
    timeLeft: z
      .string()
      .describe('How long the other steps take at the pace since then, as of lastTime: 119s, 2m, 47h, 2d.')
      .optional(),
    lastTime: z.string().describe('When this was last written.').meta({ format: 'date-time' }),
  })
  .describe('How far the workers are, by their counters `step` and `checkpoint`.');

/** `status.progress`. */
export type JobProgress = z.infer<typeof jobProgress>;
