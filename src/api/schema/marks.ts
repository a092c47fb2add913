import { z } from 'zod';
import { rules } from './rules.ts';

/** A few labels or annotations that people give to what Proffer makes or marks. @param what begins the description */
export const marks = (what: string) =>
  z
    .record(z.string().max(317), z.string().max(1024).describe('Its value.'))
    .describe(`${what} by name.`)
    .meta({
      maxProperties: 16,
      ...rules({
        rule: "self.all(k, !k.startsWith('proffer.dev/'))",
        message: 'names that begin with proffer.dev/ are kept for Proffer: choose others',
      }),
    });
