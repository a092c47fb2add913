import type { Unavailability } from './events.ts';
import type { Resources } from '../resources/resource-bundle.ts';

/** Resources of one agent offered to one framework under one role. */
export interface Offer {
  /** Unlike that of any other offer of the engine. */
  readonly id: string;
  readonly framework: string;
  readonly role: string;
  readonly agent: string;
  readonly resources: Resources;
  /** The agent's maintenance window, if it has one. */
  readonly unavailability: Unavailability | null;
}

/** Asks a framework to leave an agent before a maintenance window. */
export interface InverseOffer {
  readonly framework: string;
  readonly agent: string;
  readonly unavailability: Unavailability;
}

/** Why an offer was withdrawn. */
export type RescindReason =
  | 'timeout'
  | 'agentRemoved'
  | 'agentDeactivated'
  | 'frameworkDeactivated'
  | 'frameworkRemoved'
  | 'roleLeft'
  | 'weight'
  | 'quota'
  | 'maintenance'
  | 'invalidAccept';

export interface Rescinded {
  readonly offer: Offer;
  readonly reason: RescindReason;
}

export interface RescindedInverse {
  readonly framework: string;
  readonly agent: string;
  readonly reason:
    | 'timeout'
    | 'maintenance'
    | 'agentRemoved'
    | 'agentDeactivated'
    | 'frameworkDeactivated'
    | 'frameworkRemoved';
}

/** What became of a task of an accept. */
export interface TaskOutcome {
  readonly task: string;
  /** `error`: its own request is bad; `lost`: the offers were. */
  readonly state: 'launched' | 'error' | 'lost';
  readonly reason: string;
}

/** A change of reservation that could not be made, or a whole call that was of no effect. */
export interface DroppedOperation {
  readonly operation: 'reserve' | 'unreserve' | 'suppress' | 'revive';
  /** To be converted; empty for calls. */
  readonly resources: Resources;
  readonly reason: string;
}

/** All that an event led to. */
export interface EngineResult {
  /** In the order in which they were made. */
  readonly offers: readonly Offer[];
  readonly inverseOffers: readonly InverseOffer[];
  readonly rescinded: readonly Rescinded[];
  readonly rescindedInverse: readonly RescindedInverse[];
  readonly tasks: readonly TaskOutcome[];
  readonly dropped: readonly DroppedOperation[];
  /** How many runs were made: 0 or 1. */
  readonly runs: number;
}

/** A result while it is gathered. Most events lead to nothing, so lists are made when something comes. */
export class Outcome implements EngineResult {
  offers: readonly Offer[] = NOTHING;
  inverseOffers: readonly InverseOffer[] = NOTHING;
  rescinded: readonly Rescinded[] = NOTHING;
  rescindedInverse: readonly RescindedInverse[] = NOTHING;
  tasks: readonly TaskOutcome[] = NOTHING;
  dropped: readonly DroppedOperation[] = NOTHING;
  runs = 0;

  get isEmpty(): boolean {
    return (
      this.runs === 0 &&
      this.rescinded === NOTHING &&
      this.rescindedInverse === NOTHING &&
      this.tasks === NOTHING &&
      this.dropped === NOTHING
    );
  }

  addInverseOffer(offer: InverseOffer): void {
    this.inverseOffers = withOne(this.inverseOffers, offer);
  }

  addRescinded(rescinded: Rescinded): void {
    this.rescinded = withOne(this.rescinded, rescinded);
  }

  addRescindedInverse(rescinded: RescindedInverse): void {
    this.rescindedInverse = withOne(this.rescindedInverse, rescinded);
  }

  addTask(task: TaskOutcome): void {
    this.tasks = withOne(this.tasks, task);
  }

  addDropped(operation: DroppedOperation): void {
    this.dropped = withOne(this.dropped, operation);
  }
}

const NOTHING: readonly never[] = Object.freeze([]);

/** The result of an event that led to nothing. */
export const NO_OUTCOME: EngineResult = Object.freeze(new Outcome());

function withOne<T>(list: readonly T[], item: T): readonly T[] {
  if (list === NOTHING) return [item];
  (list as T[]).push(item);
  return list;
}
