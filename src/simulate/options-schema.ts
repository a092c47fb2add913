import { z } from 'zod';
import { DEFAULT_OPTIONS, type EngineOptions } from '../allocator/engine/options.ts';
import { quantities } from './fields.ts';

const sorter = z.enum(['drf', 'random']);

/** The options of a scenario. */
export const optionsSchema = z
  .strictObject({
    mode: z
      .enum(['mesos'])
      .describe('Whose rules decide where a setting below is left out. mesos: as Apache Mesos decides.')
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
      .describe('Seconds after which an unanswered offer is taken back; null = never. Default: null.')
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
      .describe('Beyond Mesos: hold nested roles to the limits above them and to their own. Default: false.')
      .exactOptional(),
  })
  .describe('How the allocator decides.');

/** Options as written. */
export type ScenarioOptions = z.infer<typeof optionsSchema>;

/** Options as the engine takes them. */
export function engineOptions(given: ScenarioOptions): EngineOptions {
  const { mode: _, ...settings } = given;
  return { ...DEFAULT_OPTIONS, ...settings };
}
