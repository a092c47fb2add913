import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import { healthOf, massSilence, renewalMs, spared } from '../recovery/heartbeat.ts';
import { readiness, type AgentFacts } from '../snapshot/agent.ts';
import type { NodeLease } from '../snapshot/node-lease.ts';

/** When each node was heard last, by the leases of kubelets. */
const heartbeats = (leases: readonly NodeLease[]): ReadonlyMap<string, NodeLease> =>
  new Map(
    leases.filter(({ namespace }) => namespace === 'kube-node-lease').map((lease) => [lease.node, lease]),
  );

/**
 * Judges the agents as monitoring does, by what the objects say at one instant: Ready conditions, pressures, and the
 * leases of kubelets where there are any. Nobody asked the kubelets, so that nothing is given up for silence alone.
 * @param now ms since the epoch
 * @returns health by node name; nodes that are well are left out
 */
export function healthOfAgents(
  agents: readonly AgentFacts[],
  leases: readonly NodeLease[],
  now: number,
): Map<string, AgentHealth> {
  const heard = heartbeats(leases);
  const out = new Map<string, AgentHealth>();
  let silent = 0;
  for (const agent of agents) {
    const { name, pressures, deleting } = agent;
    const lease = heard.get(name);
    const state = healthOf({
      silentMs: lease && now - lease.renewedAt,
      intervalMs: lease ? renewalMs(lease.durationSeconds) : 0,
      ...readiness(agent, now),
      pressures,
      deleting,
      backMs: undefined,
      answers: undefined,
    });
    if (state.cause === 'no heartbeat') silent++;
    if (state !== HEALTHY) out.set(name, state);
  }
  if (massSilence(silent, agents.length)) {
    for (const [name, state] of out) {
      if (state.cause === 'no heartbeat') out.set(name, spared(state));
    }
  }
  return out;
}
