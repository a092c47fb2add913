import { z } from 'zod';
import { name, quantities, refuseSeconds, resources, role } from './fields.ts';

const framework = name.describe('Id of the framework.');
const agent = name.describe('Id of the agent.');
const roleOf = role.describe('Role, such as a or a/b.');

const task = z
  .strictObject({
    id: name.describe('Id of the task, for finish.'),
    resources: resources.describe('What it takes of the offers.'),
  })
  .describe('A task to launch.');
const tasks = z.array(task).describe('Tasks to launch.');

const operation = z
  .strictObject({
    reserve: resources.describe('As it is to stand reserved: cpus(role1):1.').exactOptional(),
    unreserve: resources.describe('As it stands reserved.').exactOptional(),
    launch: tasks.exactOptional(),
  })
  .refine((fields) => Object.keys(fields).length === 1, 'must be one of reserve, unreserve, launch')
  .meta({ minProperties: 1, maxProperties: 1 })
  .describe('One operation on what was offered.');

/** Steps on roles. */
export const roleSteps = {
  weight: z
    .strictObject({ role: roleOf, weight: z.number().positive().describe('Over 0; default 1.') })
    .describe('Weight of a role against its siblings. Takes offers back. No run.'),
  quota: z
    .strictObject({
      role: role.describe('A top-level role.'),
      guarantee: quantities.describe('Held ready for the role; empty: nothing.').prefault(''),
      limit: quantities
        .describe('Most that it may hold; a name left out is free, empty: no limit.')
        .prefault(''),
      checked: z
        .boolean()
        .describe('Refuse a limit under what is held, and guarantees over the cluster. Default: false.')
        .exactOptional(),
    })
    .describe('Guarantee and limit of a role. Takes offers back. No run.'),
};

/** Steps on offers and tasks. */
export const offerSteps = {
  recover: z
    .strictObject({
      framework,
      role: roleOf,
      agent,
      resources: resources.describe('Part or all of what it was offered or holds.'),
      refuseSeconds,
    })
    .describe('A framework declines an offer, or returns what it held. No run.'),
  recoverAll: z.strictObject({}).describe('Every outstanding offer is declined, without filter. No run.'),
  convert: z
    .strictObject({
      framework,
      role: roleOf,
      agent,
      from: resources.describe('What it holds.'),
      to: resources.describe('The same amounts in their new form, such as cpus(role1):1.'),
    })
    .describe('A framework reserves or unreserves in what it holds. No run.'),
  accept: z
    .strictObject({
      framework,
      agent,
      role: roleOf,
      operations: z.array(operation).describe('In this order, before tasks.').exactOptional(),
      tasks: tasks.exactOptional(),
      refuseSeconds,
    })
    .describe('A framework uses all its offers of an agent under a role; what is left returns. No run.'),
  finish: z
    .strictObject({ task: name.describe('Id of the task.') })
    .describe('A task has ended; its resources are free at the next run. No run.'),
  workload: z
    .strictObject({
      framework,
      task: resources
        .refine((task) => !task.isEmpty, 'must not be empty; null ends the workload')
        .nullable()
        .describe('What one task takes; null: it answers no more, its tasks run on.'),
      tasks: z
        .int()
        .min(0)
        .nullable()
        .describe('Tasks still to launch; null: without end. Default: null.')
        .default(null),
      perOffer: z
        .int()
        .min(1)
        .nullable()
        .describe('Most tasks to launch in one offer; null: all that fit. Default: null.')
        .default(null),
      seconds: z
        .number()
        .positive()
        .nullable()
        .describe('How long a task runs; it ends at the next batch; null: for ever. Default: null.')
        .default(null),
      refuseSeconds: refuseSeconds
        .unwrap()
        .default(null)
        .describe(
          'Seconds for which what it leaves is not offered to it again, at least one interval; null: no filter. Default: null.',
        ),
    })
    .describe('From now on the framework answers each of its offers at once: as many tasks as fit. No run.'),
};

/** Steps on time, and expectations. */
export const runSteps = {
  advance: z
    .strictObject({ intervals: z.int().min(1).describe('How many intervals. Default: 1.').default(1) })
    .describe('Time passes, with a batch run at the end of each interval.'),
  pause: z.strictObject({}).describe('No run at all until resume.'),
  resume: z.strictObject({}).describe('Runs once over everything that asked during the pause.'),
  expect: z
    .strictObject({
      offers: z
        .record(name, z.record(role, z.record(name, resources)))
        .describe(
          'framework -> role -> agent -> resources; several offers of one agent are added up. Left out: none.',
        )
        .default({}),
      inverseOffers: z
        .record(name, z.union([z.array(name), z.record(name, z.unknown())]))
        .describe('framework -> agents, as a list, or as a map whose values do not matter. Left out: none.')
        .default({}),
    })
    .describe('These offers were made since the last expect, and no others.'),
  expectState: z
    .strictObject({
      shares: z
        .record(role, z.number().min(0))
        .describe('Dominant share of roles, divided by their weight, offers included.')
        .exactOptional(),
      within: z
        .number()
        .min(0.0005)
        .describe('How far a share may be off. Default: 0.0005, so that three decimals count.')
        .exactOptional(),
      tasks: z.record(name, z.int().min(0)).describe('Running tasks of frameworks.').exactOptional(),
    })
    .describe('How things stand now.'),
};
