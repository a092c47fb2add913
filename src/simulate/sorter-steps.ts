import { z } from 'zod';
import { name, resources, role } from './fields.ts';

const client = role.describe('Path of the client, such as a or b/c.');
const agent = name
  .describe('Agent on which it holds them; only shared resources look at it.')
  .exactOptional();

/** Steps of a scenario that is about a sorter alone. */
export const sorterSteps = {
  total: z
    .strictObject({
      agent: name.describe('Id of the agent.'),
      resources: resources.describe('All that it has from now on; empty: it is gone.'),
    })
    .describe('What an agent adds to the pool that shares are measured by.'),
  add: z.strictObject({ client }).describe('Adds a client, inactive.'),
  remove: z.strictObject({ client }).describe('Removes a client.'),
  activate: z.strictObject({ client }).describe('A client takes part in the order.'),
  deactivate: z
    .strictObject({ client })
    .describe('A client is left out of the order and keeps what it holds.'),
  weight: z
    .strictObject({
      role: role.describe('Path, of a client or above clients.'),
      weight: z.number().positive().describe('Over 0; default 1.'),
    })
    .describe('Weight of a path against its siblings.'),
  allocate: z
    .strictObject({ client, resources: resources.describe('What it gets.'), agent })
    .describe('A client gets resources; counts as one allocation.'),
  unallocate: z
    .strictObject({ client, resources: resources.describe('What it gives back.'), agent })
    .describe('A client gives resources back; the count of its allocations stays.'),
  update: z
    .strictObject({
      client,
      from: resources.describe('What it holds.'),
      to: resources.describe('The form that it takes.'),
      agent,
    })
    .describe('What a client holds takes another form.'),
  expectOrder: z
    .strictObject({ order: z.array(role).describe('Active clients, the one that comes next first.') })
    .describe('The order is exactly this.'),
};
