import { REASON } from '../api/conditions.ts';
import { afterSetback, LONGEST_MS, type Setbacks } from '../recovery/setbacks.ts';
import type { Hold } from '../snapshot/hold.ts';

/** Refusals of a framework; a while after the wait that follows them they are forgotten. */
interface Refusal extends Setbacks {
  readonly message: string;
  /** The last answer was this refusal. */
  standing: boolean;
}

/**
 * Frameworks whose Pods the API server refuses (quota, admission, an invalid template). Each waits longer and longer,
 * so that a bad template costs a request a minute and not thousands. The waits begin anew after a quiet minute, not
 * with the next Pod that is accepted: of a gang that the quota has no room for, the first Pods are accepted each time.
 */
export class Refusals {
  readonly #refusals = new Map<string, Refusal>();
  readonly #said: string;

  /** @param said what is told of each, before its message */
  constructor(said = 'the API server refused a Pod') {
    this.#said = said;
  }

  /** A Pod was refused. @param now ms since the epoch */
  refused(framework: string, message: string, now: number): void {
    const before = this.#refusals.get(framework);
    const setbacks = afterSetback(before && now - before.until <= LONGEST_MS ? before : undefined, now);
    this.#refusals.set(framework, { ...setbacks, message, standing: true });
  }

  /**
   * A Pod was accepted. While a hold is in force that settles nothing: it was on its way before the refusal.
   * @returns true when a refusal stood until now, so that the framework has to be looked at
   */
  accepted(framework: string, now: number): boolean {
    const refusal = this.#refusals.get(framework);
    if (!refusal?.standing) return false;
    if (now >= refusal.until) refusal.standing = false;
    return true;
  }

  /** The spec changed, or the framework is gone: the slate is clean. */
  cleared(framework: string): void {
    this.#refusals.delete(framework);
  }

  /** The holds in force, by framework id. */
  holds(now: number): Map<string, Hold> {
    const out = new Map<string, Hold>();
    for (const [framework, { until, message }] of this.#refusals) {
      if (until > now) out.set(framework, { reason: REASON.api, message: `${this.#said}: ${message}` });
    }
    return out;
  }

  /** Whether the hold of a framework is over and nobody knows yet whether its cause is: a Pod is being tried. */
  probing(framework: string, now: number): boolean {
    const refusal = this.#refusals.get(framework);
    return refusal !== undefined && refusal.standing && now >= refusal.until;
  }
}
