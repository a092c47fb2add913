import { HEALTHY, type AgentHealth } from './health.ts';

/** What is known of one agent's signs of life, as times that have passed: no two clocks are ever compared. */
export interface Vitals {
  /** Since the last heartbeat (lease renewal) was seen, ms; undefined for a node without a lease. */
  readonly silentMs: number | undefined;
  /** Time that the kubelet promises between renewals, ms. */
  readonly intervalMs: number;
  /** Since the condition Ready ceased to be True, ms, 0 when it does not say when; undefined while it is True. */
  readonly notReadyMs: number | undefined;
  /** Its status has no condition Ready: no kubelet has reported yet. */
  readonly unreported: boolean;
  readonly pressures: readonly string[];
  readonly deleting: boolean;
  /** Since the node was last seen unfit, ms; undefined when it never was. */
  readonly backMs: number | undefined;
  /** Its kubelet took a connection a moment ago; undefined while nobody has asked. */
  readonly answers: boolean | undefined;
}

/** Kubelets renew at a quarter of the lease's duration (pkg/kubelet: nodeLeaseRenewIntervalFraction). */
const RENEW_FRACTION = 0.25;

/** Time that a kubelet promises between renewals of its lease, ms. */
export const renewalMs = (leaseDurationSeconds: number): number =>
  leaseDurationSeconds * 1000 * RENEW_FRACTION;

/** How late a heartbeat may be before the node counts as silent: one slow write is no loss. */
const LATE_MS = 2000;

/** How long before a heartbeat is late its kubelet is asked, so that the answer is there in time. */
const ASK_AHEAD_MS = 1000;

/** Whether the kubelet should be asked: its heartbeat is about to be late. */
export const shouldAsk = ({ silentMs = 0, intervalMs }: Pick<Vitals, 'silentMs' | 'intervalMs'>): boolean =>
  silentMs > intervalMs + LATE_MS - ASK_AHEAD_MS;

const UNREPORTED = 'its status has no Ready condition';

/** Judges one agent. */
export function healthOf(vitals: Vitals): AgentHealth {
  const { silentMs = 0, intervalMs, notReadyMs, unreported, pressures, deleting, backMs, answers } = vitals;
  const silent = silentMs > intervalMs + LATE_MS;
  // A node that has just ceased to be ready is not ready, too.
  const unreadyMs = notReadyMs === undefined ? 0 : Math.max(1, notReadyMs);
  // A kubelet that answers is not lost, only late: nothing new goes there, and what runs there is left alone until the
  // node's own condition says otherwise.
  const silenceMs = answers === false ? silentMs : 1;
  const unfitMs = Math.max(silent ? silenceMs : 0, unreadyMs);
  if (unfitMs === 0 && backMs === undefined && pressures.length === 0 && !deleting) return HEALTHY;
  return {
    unfitMs,
    cause: silent ? 'no heartbeat' : unreported ? UNREPORTED : unfitMs > 0 ? 'not ready' : '',
    backMs: backMs ?? Number.POSITIVE_INFINITY,
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

/** The state of a silent agent that is not given up: nothing is placed on it all the same. */
export const spared = (state: AgentHealth): AgentHealth => ({
  ...state,
  unfitMs: Math.min(state.unfitMs, 1),
});
