import { z } from 'zod';
import { DEFAULT_OPTIONS, PROFFER_OPTIONS, type EngineOptions } from '../allocator/engine/options.ts';
import { quantities } from './fields.ts';

const sorter = z.enum(['drf', 'random']);

/** The options of a scenario. */
export const optionsSchema = z
  .strictObject({
    mode: z
      .enum(['mesos', 'proffer'])
      .describe(
        'What holds where a setting below is left out. mesos: as Apache Mesos decides. proffer: with all that goes ' +
          'beyond it. Default: mesos.',
      )
      .exactOptional(),
    interval: z.number().min(0.001).describe('Seconds between two batch runs. Default: 1.').exactOptional(),
    minAllocatable: z
      .array(quantities)
      .describe('An offer must hold one of these; [] = anything. Default: ["cpus:0.01", "mem:32"].')
      .exactOptional(),
    roleSorter: sorter
      .describe(
        'Order of the roles: drf (the least dominant share first) or random (by weight). Default: drf.',
      )
      .exactOptional(),
    frameworkSorter: sorter.describe('Order of the frameworks within a role. Default: drf.').exactOptional(),
    fairnessExcluded: z
      .array(z.string().min(1))
      .describe('Names of resources that do not count in shares, such as gpus. Default: none.')
      .exactOptional(),
    offerTimeout: z
      .number()
      .positive()
      .nullable()
      .describe(
        'Seconds after which an unanswered offer is taken back; null = never. Default: null; in mode proffer 30.',
      )
      .exactOptional(),
    filterGpuResources: z
      .boolean()
      .describe('Offer agents that have gpus only to frameworks with GPU_RESOURCES. Default: true.')
      .exactOptional(),
    seed: z
      .int()
      .min(0)
      .describe('Of every shuffle: the same seed, the same run. Default: 1.')
      .exactOptional(),
    region: z
      .string()
      .min(1)
      .nullable()
      .describe('Region of the master; agents of other regions are for REGION_AWARE frameworks only.')
      .exactOptional(),
    nestedLimits: z
      .boolean()
      .describe(
        'Beyond Mesos: hold nested roles to the limits above them and to their own. Default: false; in mode proffer true.',
      )
      .exactOptional(),
    declineBackOff: z
      .number()
      .positive()
      .nullable()
      .describe(
        'Beyond Mesos: double the refusal time with each decline in a row, up to so many seconds; null = never. ' +
          'Default: null; in mode proffer 300.',
      )
      .exactOptional(),
    proportionalCuts: z
      .boolean()
      .describe(
        'Beyond Mesos: where quota cuts a scalar of an agent, cut the others, ranges and sets by the same part. ' +
          'Default: false; in mode proffer true.',
      )
      .exactOptional(),
    declaredDemand: z
      .boolean()
      .describe(
        'Beyond Mesos: frameworks may declare a demand, and are offered what they can use for it, task by task. ' +
          'Default: false; in mode proffer true.',
      )
      .exactOptional(),
  })
  .describe('How the allocator decides.');

/** Options as written. */
export type ScenarioOptions = z.infer<typeof optionsSchema>;

/** Options as the engine takes them. */
export function engineOptions(given: ScenarioOptions): EngineOptions {
  const { mode = 'mesos', ...settings } = given;
  return { ...(mode === 'proffer' ? PROFFER_OPTIONS : DEFAULT_OPTIONS), ...settings };
}
