import { z } from 'zod';

/** Most sessions of one server: what stands of them fits on its Pod. */
export const MOST_SESSIONS = 64;

/** `spec.sessions` of a pool. */
export const poolSessions = z
  .object({
    perServer: z
      .int()
      .min(1)
      .max(MOST_SESSIONS)
      .describe(
        'How many sessions one server takes at a time, by the allocation API. The server is held while it has one. Its counter ' +
          'sessions tells how many it has.',
      ),
  })
  .describe('What a server can take.');
