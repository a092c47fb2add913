import type { RuleBook } from '../matrix/rules/rule-book.ts';
import type { VolumeBook } from '../matrix/volumes/volume-book.ts';
import type { Refusal } from './filling/allowance.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Launch, OfferRecord } from './offer.ts';
import type { Awaiting } from './placing/await-volumes.ts';
import type { Taken } from './placing/room.ts';

/** Why quota kept a framework from room that was there. Amounts are those of the snapshot's column. */
export type QuotaRefusal = Refusal;

/** Tasks that have a claim to room on an agent which is being freed, or is kept until their whole gang has room. */
export interface Claim {
  /** Number of the framework. */
  readonly framework: number;
  readonly demandClass: DemandClass;
  /** Number of the agent. */
  readonly agent: number;
  readonly tasks: number;
}

/** A task that is to give way to others. */
export interface Eviction {
  /** Number of its framework. */
  readonly framework: number;
  readonly pod: PodFacts;
  /** Number of the framework that gets the room. */
  readonly by: number;
}

/** What one run of the allocator decided. */
export interface Allocation {
  readonly launches: readonly Launch[];
  /** Tasks that have room and are launched when their claims have volumes. */
  readonly awaiting: readonly Awaiting[];
  readonly offers: readonly OfferRecord[];
  /** For each declined framework, by number, its own words. */
  readonly declined: ReadonlyMap<number, string>;
  /** For each declined framework, by number, the room that it was offered and gave back. */
  readonly givenBack: ReadonlyMap<number, readonly Taken[]>;
  /** For each class, by id, that quota kept from room that was there, why. */
  readonly refused: ReadonlyMap<number, QuotaRefusal>;
  /** By agent and class, each once. */
  readonly claims: readonly Claim[];
  readonly evictions: readonly Eviction[];
  /** For each framework, by number, that had no room lately because of a PodDisruptionBudget, what the API server said. */
  readonly blocked: ReadonlyMap<number, string>;
  /** S after the launches, n x R. */
  readonly supply: Float64Array;
  /** Rules about other Pods, the launches counted; undefined when there are none. */
  readonly rules: RuleBook | undefined;
  /** What volumes say, the launches counted, and what becomes of claims; undefined when there are none. */
  readonly volumes: VolumeBook | undefined;
}
