import type { Quantities } from '../resources/quantities.ts';
import type { SorterKind } from '../roles/sorter.ts';

/** Settings of an engine, fixed for its life. */
export interface EngineOptions {
  /** Seconds between batch runs; the shortest time of a filter. Default: 1. */
  readonly interval: number;
  /** An offer must hold one of these at least; none = anything. Default: cpus:0.01 or mem:32. */
  readonly minAllocatable: readonly Quantities[];
  readonly roleSorter: SorterKind;
  readonly frameworkSorter: SorterKind;
  /** Names that do not count in shares. Default: none. */
  readonly fairnessExcluded: readonly string[];
  /** Seconds after which an unanswered offer is withdrawn; null = never, as in Mesos (default). */
  readonly offerTimeout: number | null;
  /** Agents with gpus only for frameworks with GPU_RESOURCES. Default: true. */
  readonly filterGpuResources: boolean;
  /** Of every shuffle. Default: 1. */
  readonly seed: number;
  /** Where the master is; agents of another region are only for REGION_AWARE frameworks. Default: null. */
  readonly region: string | null;
  /**
   * Beyond Mesos: roles below a limited role are limited by it too, and nested roles may have limits of their
   * own. Default: false, where a nested role counts against its parent's limit but is not held to it.
   */
  readonly nestedLimits: boolean;
}

export const DEFAULT_OPTIONS: EngineOptions = {
  interval: 1,
  minAllocatable: [new Map([['cpus', 10]]), new Map([['mem', 32_000]])],
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcluded: [],
  offerTimeout: null,
  filterGpuResources: true,
  seed: 1,
  region: null,
  nestedLimits: false,
};
