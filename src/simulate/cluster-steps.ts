import { z } from 'zod';
import { attributes, name, quantities, refuseSeconds, resources, role, seconds } from './fields.ts';

const agentId = name.describe('Id of the agent.');
const frameworkId = name.describe('Id of the framework.');
const roleOf = role.describe('Role, such as a or a/b.');
const rolesOf = z
  .array(role)
  .describe('Roles; left out or empty: all roles of the framework.')
  .exactOptional();

const AGENT_CAPABILITIES = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'] as const;
const FRAMEWORK_CAPABILITIES = [
  'MULTI_ROLE',
  'GPU_RESOURCES',
  'REVOCABLE_RESOURCES',
  'SHARED_RESOURCES',
  'RESERVATION_REFINEMENT',
  'REGION_AWARE',
  'PARTITION_AWARE',
  'TASK_KILLING_STATE',
] as const;

const equalSettings = {
  capabilities: z
    .array(z.enum(AGENT_CAPABILITIES))
    .describe('What the agent can do. Default for a new agent: all.')
    .exactOptional(),
  attributes: attributes.describe('What the agent says of itself: rack:r1;zone:a.').exactOptional(),
  region: z.string().min(1).describe('Region of its fault domain.').exactOptional(),
  zone: z.string().min(1).describe('Zone of its fault domain.').exactOptional(),
};

const agentSettings = {
  hostname: z.string().min(1).describe('Host name, for the whitelist and constraints.').exactOptional(),
  ...equalSettings,
};

const frameworkSettings = {
  capabilities: z
    .array(z.enum(FRAMEWORK_CAPABILITIES))
    .describe('What the framework can do; MULTI_ROLE is always there.')
    .exactOptional(),
  minAllocatable: z
    .record(role, z.array(quantities))
    .describe(
      'By role: an offer must hold one of these, in place of the option minAllocatable; [] = anything.',
    )
    .exactOptional(),
  suppressed: z.array(role).describe('Roles for which it wants no offers now.').exactOptional(),
  demand: z
    .array(z.lazy(() => demand))
    .nullable()
    .describe(
      'All tasks that it wants to launch, [] = none; null: it takes whatever it is offered. Needs the option declaredDemand.',
    )
    .exactOptional(),
};

/** Steps on agents. */
export const agentSteps = {
  agent: z
    .strictObject({
      id: agentId,
      ...agentSettings,
      total: resources.describe('All that it has.'),
      used: z
        .record(name, z.record(role, resources))
        .describe('What already runs there: framework -> role -> resources.')
        .exactOptional(),
    })
    .describe('An agent joins. Runs over it.'),
  agents: z
    .strictObject({
      count: z.int().min(1).max(1_000_000).describe('How many.'),
      prefix: z.string().describe('Ids are this and a number from 1.').default('agent-'),
      total: resources.describe('All that each has.'),
      ...equalSettings,
    })
    .describe('Equal agents join one after the other, at one time. Runs over each.'),
  updateAgent: z
    .strictObject({
      id: agentId,
      total: resources.describe('All that it has now.').exactOptional(),
      ...agentSettings,
    })
    .describe('Settings of an agent change. Other attributes drop its filters. Runs over it.'),
  removeAgent: z
    .strictObject({ id: agentId })
    .describe('An agent is gone: its offers are taken back, what ran there is lost. No run.'),
  deactivateAgent: z
    .strictObject({ id: agentId })
    .describe('An agent is not to be offered: its offers are taken back, what runs there stays. No run.'),
  activateAgent: z
    .strictObject({ id: agentId })
    .describe('An agent may be offered again, from the next run on. No run.'),
  failover: z
    .strictObject({ agents: z.int().min(0).describe('How many agents the master knew of.') })
    .describe(
      'The master is back after a failover, before the first agent. With quota set there is no run until four fifths of ' +
        'the agents are back, or ten minutes are over. No run.',
    ),
  whitelist: z
    .strictObject({
      hostnames: z.array(z.string()).nullable().describe('The only hosts that are offered; null = all.'),
    })
    .describe('Limits offers to some hosts, from the next batch on. No run.'),
  unavailability: z
    .strictObject({
      agent: agentId,
      start: seconds.nullable().describe("Begin in seconds of the scenario's clock; null: no maintenance."),
      duration: z.number().min(0).nullable().describe('Seconds; null or left out: for good.').exactOptional(),
    })
    .describe('Announces maintenance of an agent: its offers are taken back and made anew. Runs over it.'),
  reserve: z
    .strictObject({
      agent: agentId,
      from: resources.describe('Free resources of the agent.'),
      to: resources.describe('The same amounts in their new form, such as cpus(role1):1.'),
    })
    .describe('The operator reserves or unreserves free resources. No run.'),
};

/** Steps on frameworks. */
export const frameworkSteps = {
  framework: z
    .strictObject({
      id: frameworkId,
      roles: z.array(role).min(1).describe('Roles that it draws on.'),
      active: z.boolean().describe('Whether it can answer. Default: true.').exactOptional(),
      ...frameworkSettings,
    })
    .describe('A framework subscribes. Runs over all agents.'),
  updateFramework: z
    .strictObject({
      id: frameworkId,
      roles: z.array(role).min(1).describe('Roles that it draws on from now on.').exactOptional(),
      ...frameworkSettings,
    })
    .describe('Settings of a framework change; offers under roles that it leaves are taken back. No run.'),
  activate: z.strictObject({ framework: frameworkId }).describe('It can answer again. Runs over all agents.'),
  deactivate: z
    .strictObject({ framework: frameworkId })
    .describe('It cannot answer: its offers are taken back, its filters dropped, its tasks run on. No run.'),
  removeFramework: z
    .strictObject({ framework: frameworkId })
    .describe('It is gone with all that it held. No run.'),
  suppress: z
    .strictObject({ framework: frameworkId, roles: rolesOf })
    .describe('It wants no more offers. Outstanding ones stay. No run.'),
  revive: z
    .strictObject({ framework: frameworkId, roles: rolesOf })
    .describe('It wants offers again and drops its filters. Runs over all agents.'),
  offerConstraints: z
    .strictObject({
      framework: frameworkId,
      role: roleOf,
      groups: z
        .array(z.array(z.lazy(() => constraint)))
        .describe('It is offered agents for which all constraints of one group hold; [] = all agents.'),
    })
    .describe('Which agents a framework wants to be offered under a role. No run.'),
  inverseAnswer: z
    .strictObject({
      framework: frameworkId,
      agent: agentId,
      accept: z.boolean().describe('Whether it will leave the agent.'),
      refuseSeconds,
    })
    .describe('Answers the inverse offer for an agent under maintenance. No run.'),
};

/** Tasks of one shape that a framework wants. */
const demand = z
  .strictObject({
    resources: quantities.describe(
      'What one task takes, reserved or not; of ranges and sets how many: ports:2.',
    ),
    count: z.int().min(0).describe('How many more; launching such a task makes it one less.'),
    role: role.describe('One of its roles; needed when it has several.').exactOptional(),
  })
  .describe('Tasks of one shape.');

/** One condition on an agent. */
const constraint = z
  .strictObject({
    attribute: z.string().min(1).describe('Name of an attribute; this or property.').exactOptional(),
    property: z.enum(['HOSTNAME', 'REGION', 'ZONE']).describe('A property of the agent.').exactOptional(),
    is: z
      .enum(['exists', 'notExists', 'equals', 'notEquals', 'matches', 'notMatches'])
      .describe('The test; matches and notMatches take a regular expression over the whole text.'),
    value: z.string().describe('For all tests but exists and notExists.').exactOptional(),
  })
  .superRefine(({ attribute, property, is, value }, context) => {
    if ((attribute === undefined) === (property === undefined)) {
      context.addIssue('must name either an attribute or a property');
    }
    if ((is === 'exists' || is === 'notExists') !== (value === undefined)) {
      context.addIssue(value === undefined ? `needs a value for ${is}` : `${is} takes no value`);
    }
  })
  .describe('One condition on an agent.');

/** One condition on an agent, as written. */
export type ConstraintFields = z.infer<typeof constraint>;
