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
  /**
   * Beyond Mesos: a framework that declines an agent again and again is asked less and less often. Its refusal
   * time doubles with each decline in a row, up to this many seconds (or what it asked for itself, if that is
   * longer). Default: null, each refusal lasts as long as it says.
   */
  readonly declineBackOff: number | null;
  /**
   * Beyond Mesos: where quota cuts a scalar of an agent, the other plain scalars, ranges and sets are cut by the same
   * part, so that what stays on the agent is of use to others. Default: false, all that quota does not name goes along.
   */
  readonly proportionalCuts: boolean;
  /**
   * Beyond Mesos: frameworks may declare what tasks they still want to launch. Such a framework is offered only what it
   * can use for them, task by task in the order of shares, and nothing when it wants nothing. Default: false, a
   * declared demand is refused.
   */
  readonly declaredDemand: boolean;
}

/** As Apache Mesos decides. */
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
  declineBackOff: null,
  proportionalCuts: false,
  declaredDemand: false,
};

/** With everything beyond Mesos. */
export const PROFFER_OPTIONS: EngineOptions = {
  ...DEFAULT_OPTIONS,
  offerTimeout: 30,
  nestedLimits: true,
  declineBackOff: 300,
  proportionalCuts: true,
  declaredDemand: true,
};
