import { EventError } from './event-error.ts';

/**
 * The instants of the engine, as whole numbers: two ticks per microsecond. The even tick of an instant is before
 * its batch run, the odd one after it. A filter whose time does not go beyond one allocation interval must still
 * hold in the batch run at its very end (else it could end before it was ever looked at), so it ends on an odd
 * tick; a longer one is gone by the batch run at its end, and ends on an even one.
 */
export type Tick = number;

const DAY = 86_400;
/** Seconds of a filter when the framework gave a time below zero. */
const DEFAULT_REFUSAL = 5;
const LONGEST_REFUSAL = 365 * DAY;

export const ticksOf = (seconds: number): Tick => Math.round(seconds * 1e6) * 2;
export const secondsOf = (tick: Tick): number => Math.floor(tick / 2) / 1e6;

/** The engine's clock: it only goes on when told, and never back. */
export class EngineClock {
  readonly interval: number;
  #now: Tick = 0;

  /** @param interval seconds between batch runs */
  constructor(interval: number) {
    this.interval = interval;
  }

  get now(): Tick {
    return this.#now;
  }

  /** @param seconds the instant of an event @throws EventError when it lies before the last */
  advance(seconds: number): void {
    const tick = ticksOf(seconds);
    if (!Number.isFinite(tick)) throw new EventError('time: must be a number of seconds');
    const instant = Math.floor(this.#now / 2) * 2;
    if (tick < instant)
      throw new EventError(`time: ${seconds} lies before ${secondsOf(this.#now)}, time never goes back`);
    if (tick > instant) this.#now = tick;
  }

  /** The batch run of this instant is over. */
  endBatch(): void {
    this.#now = Math.floor(this.#now / 2) * 2 + 1;
  }

  /** When a filter on offers ends; null = none is wanted. */
  filterEnd(refuseSeconds: number | null): Tick | null {
    const seconds = effective(refuseSeconds);
    if (seconds === null) return null;
    return this.#end(Math.max(this.interval, seconds));
  }

  /** How long a refusal lasts after other declines in a row: twice as long with each, up to a bound. */
  backOff(refuseSeconds: number | null, before: number, most: number): number | null {
    if (before === 0) return refuseSeconds;
    const asked = Math.max(this.interval, effective(refuseSeconds) ?? 0);
    return Math.max(asked, Math.min(most, asked * 2 ** before));
  }

  /** When a filter on inverse offers ends, which the interval does not lengthen; null = none is wanted. */
  inverseFilterEnd(refuseSeconds: number | null): Tick | null {
    const seconds = effective(refuseSeconds);
    return seconds === null ? null : this.#end(seconds);
  }

  /** The first tick at which a wait from now is over. */
  deadline(seconds: number): Tick {
    return Math.floor(this.#now / 2) * 2 + ticksOf(seconds);
  }

  #end(seconds: number): Tick {
    return this.deadline(seconds) + (seconds <= this.interval ? 1 : 0);
  }
}

function effective(refuseSeconds: number | null): number | null {
  if (refuseSeconds === null || refuseSeconds === 0) return null;
  if (refuseSeconds < 0 || Number.isNaN(refuseSeconds)) return DEFAULT_REFUSAL;
  return Math.min(refuseSeconds, LONGEST_REFUSAL);
}
