import { REASON } from '../api/conditions.ts';
import type { Hold } from '../snapshot/framework.ts';

/** First and longest wait after the API server refused a Pod of a framework, ms. */
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

interface Refusal {
  count: number;
  until: number;
  message: string;
}

/**
 * Frameworks whose Pods the API server refuses (quota, admission, an invalid template). Each waits longer and longer,
 * so that a bad template costs a request a minute and not thousands.
 */
export class Refusals {
  readonly #refusals = new Map<string, Refusal>();

  refused(framework: string, message: string, now: number): void {
    const refusal = this.#refusals.get(framework) ?? { count: 0, until: 0, message };
    // Refusals of one plan arrive together and count as one.
    if (now >= refusal.until) {
      refusal.count++;
      refusal.until = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(refusal.count - 1, 16));
    }
    refusal.message = message;
    this.#refusals.set(framework, refusal);
  }

  /** A Pod was accepted, or the spec changed: the slate is clean. */
  cleared(framework: string): void {
    this.#refusals.delete(framework);
  }

  /** The holds in force, by framework id. */
  holds(now: number): Map<string, Hold> {
    const out = new Map<string, Hold>();
    for (const [framework, { until, message }] of this.#refusals) {
      if (until > now)
        out.set(framework, { reason: REASON.api, message: `the API server refused a Pod: ${message}` });
    }
    return out;
  }
}
