import { z } from 'zod';
import { agentSteps, frameworkSteps } from './cluster-steps.ts';
import { offerSteps, roleSteps, runSteps } from './offer-steps.ts';
import { optionsSchema, type ScenarioOptions } from './options-schema.ts';
import { sorterSteps } from './sorter-steps.ts';

/** Steps of a scenario that is about a cluster, by kind. */
export const CLUSTER_STEPS = { ...agentSteps, ...frameworkSteps, ...roleSteps, ...offerSteps, ...runSteps };

/** Steps of a scenario that is about a sorter alone, by kind. */
export const SORTER_STEPS = sorterSteps;

type StepOf<Steps extends Readonly<Record<string, z.ZodType>>> = {
  [Kind in keyof Steps]: {
    readonly kind: Kind;
    readonly fields: z.output<Steps[Kind]>;
    /** Line of the file, from 1. */
    readonly line: number;
  };
}[keyof Steps];

/** A step as read, its texts turned into what they say. */
export type ClusterStep = StepOf<typeof CLUSTER_STEPS>;
/** A step of a sorter scenario as read. */
export type SorterStep = StepOf<typeof SORTER_STEPS>;

/** A scenario as read. */
export type Scenario =
  | {
      readonly about: 'cluster';
      /** Name of the file, for messages. */
      readonly file: string;
      readonly options: ScenarioOptions;
      readonly steps: readonly ClusterStep[];
    }
  | {
      readonly about: 'sorter';
      readonly file: string;
      readonly options: ScenarioOptions;
      readonly steps: readonly SorterStep[];
    };

/** All of a scenario but its steps. */
export const headSchema = z.strictObject({
  options: optionsSchema.default({}),
  sorter: z.enum(['drf']).describe('The steps are about a sorter alone.').exactOptional(),
});

const oneOf = (steps: Readonly<Record<string, z.ZodType>>) =>
  z
    .array(
      z
        .strictObject(
          Object.fromEntries(Object.entries(steps).map(([kind, fields]) => [kind, fields.optional()])),
        )
        .meta({ minProperties: 1, maxProperties: 1 }),
    )
    .describe('One event each. All runs that it triggers are done before the next.');

/** Both kinds of scenarios as one schema, for {@link scenarioJsonSchema}; read.ts goes by the parts, for its messages. */
const scenarioSchema = z
  .union([
    z.strictObject({ options: headSchema.shape.options, steps: oneOf(CLUSTER_STEPS) }).describe('A cluster.'),
    z
      .strictObject({
        options: headSchema.shape.options,
        sorter: z.enum(['drf']),
        steps: oneOf(SORTER_STEPS),
      })
      .describe('A sorter alone.'),
  ])
  .describe('A scenario of proffer simulate: what happens to a cluster, step by step.');

/** The JSON Schema of scenario files. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', reused: 'inline' });
  return { ...schema, title: 'Scenario of proffer simulate' };
}
