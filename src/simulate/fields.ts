import { z } from 'zod';
import { parseAttributes } from '../allocator/engine/attributes.ts';
import { parseQuantities } from '../allocator/resources/quantities.ts';
import { parseResources, ResourcesError } from '../allocator/resources/resources.ts';
import { roleProblem } from '../lib/role-path.ts';

/** Makes a reader of the engine a field of a schema; the place of the error comes from the schema. */
function read<T>(parse: (text: string, field: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text, '');
    } catch (error) {
      if (!(error instanceof ResourcesError)) throw error;
      context.addIssue(error.message.replace(/^: /, ''));
      return z.NEVER;
    }
  });
}

/** Name of an agent, framework, task or client. */
export const name = z.string().min(1);

/** Path of a role: `a/b`. */
export const role = z.string().superRefine((text, context) => {
  const problem = roleProblem(text);
  if (problem !== undefined) context.addIssue(problem);
});

/** A bundle as Mesos writes it: `cpus:2;mem:1024;ports:[31000-32000]`. */
export const resources = read(parseResources);

/** Amounts by name, without reservations or ranges: `cpus:2;mem:1024`. */
export const quantities = read(parseQuantities);

/** `rack:r1;zone:a`. */
export const attributes = read(parseAttributes);

/** A time in seconds that may be in the past. */
export const seconds = z.number();

/** How long a refused bundle is not offered again. */
export const refuseSeconds = z
  .number()
  .nullable()
  .describe(
    'Seconds for which what is left is not offered again to this framework under this role, at least one interval; ' +
      '0 or null: no filter. Left out: 5, as in Mesos.',
  )
  .default(5);
