import { z } from 'zod';

/** An entry of `status.failures`. */
export const slotFailures = z
  .object({
    count: z.int().min(1).describe('How many servers of the slot failed one after the other.'),
    signal: z
      .enum(['Exited', 'Crashed', 'HelperCrashed', 'Closed', 'Mute'])
      .describe('How the last of them did.'),
  })
  .describe('What the next server of a slot starts with.');

/** What a status holds of a slot whose servers fail. */
export type SlotFailures = z.infer<typeof slotFailures>;
