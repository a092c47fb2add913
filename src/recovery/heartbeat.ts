import { HEALTHY, type AgentHealth } from './health.ts';

/** What is known of one agent's signs of life; times are the observer's own, so clocks of nodes do not matter. */
export interface Vitals {
  /** When the last heartbeat (lease renewal) was seen, ms; undefined for a node without a lease. */
  readonly heartbeatAt: number | undefined;
  /** Time that the kubelet promises between renewals, ms. */
  readonly intervalMs: number;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** When Ready last changed, ms since the epoch. */
  readonly readySince: number;
  readonly pressures: readonly string[];
  readonly deleting: boolean;
  /** When the node was last seen unfit, ms; undefined when it never was. */
  readonly unfitAt: number | undefined;
}

/** How late a heartbeat may be before the node counts as silent: one slow write is no loss. */
const LATE_MS = 2000;

/** Judges one agent. @param now in the same clock as the vitals */
export function healthOf(vitals: Vitals, now: number): AgentHealth {
  const { heartbeatAt, intervalMs, ready, readySince, pressures, deleting, unfitAt } = vitals;
  const silentMs = heartbeatAt === undefined ? 0 : now - heartbeatAt;
  const silent = silentMs > intervalMs + LATE_MS;
  const notReadyMs = ready === 'True' ? 0 : Math.max(1, now - readySince);
  const unfitMs = Math.max(silent ? silentMs : 0, notReadyMs);
  if (unfitMs === 0 && unfitAt === undefined && pressures.length === 0 && !deleting) return HEALTHY;
  return {
    unfitMs,
    cause: silent ? 'no heartbeat' : unfitMs > 0 ? 'not ready' : '',
    backMs: unfitAt === undefined ? Number.POSITIVE_INFINITY : now - unfitAt,
    pressures,
    deleting,
  };
}

/**
 * True when so many agents are silent at once that the fault is more likely ours or the API server's: then no task
 * is given up, and nothing is placed on the silent ones. The same idea as the full-disruption mode of Kubernetes'
 * node-lifecycle controller.
 */
export function massSilence(silent: number, all: number): boolean {
  return silent > 1 && silent * 2 > all;
}
