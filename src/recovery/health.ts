/** What monitoring knows of one agent at one instant. */
export interface AgentHealth {
  /** How long the node has been silent (heartbeat overdue) or not ready, ms; 0 while it is well. */
  readonly unfitMs: number;
  /** Why it is unfit, for people: "no heartbeat", "NotReady: container runtime is down". */
  readonly cause: string;
  /** How long ago it came back from being unfit, ms; Infinity when it never was. */
  readonly backMs: number;
  readonly pressures: readonly string[];
  readonly deleting: boolean;
}

/** A node that came back less than this ago is avoided: it may flap. */
const SETTLE_MS = 30_000;

/** An agent without anything to complain of. */
export const HEALTHY: AgentHealth = {
  unfitMs: 0,
  cause: '',
  backMs: Number.POSITIVE_INFINITY,
  pressures: [],
  deleting: false,
};

/**
 * The fault grade of an agent, the node's part of matrix C: 1 = must not place; between = avoid; 0 = healthy.
 * A node that is unfit at all gets no new tasks at once, long before its running ones are given up.
 */
export function faultGrade(health: AgentHealth): number {
  if (health.deleting || health.unfitMs > 0) return 1;
  if (health.pressures.length > 0) return 0.6;
  return health.backMs < SETTLE_MS ? 0.4 : 0;
}
