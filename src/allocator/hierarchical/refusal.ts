import type { Cluster } from './cluster.ts';
import { Holds } from './resource-bundle.ts';
import type { AgentState } from './state.ts';

/*
 * What spares runs most of their work: an agent that everybody refused in a whole run is passed over in later runs
 * until something changes that could matter. In the course of a run what could be taken only shrinks (limits and
 * headroom fill up, agents empty), and filters, activity and settings stand still; so a refusal holds until
 *  - the agent itself changes (its version),
 *  - some framework becomes welcome where it was not (`openings`),
 *  - quota permits what it did not (`room`),
 *  - the time of the first filter that had a part in it is over.
 * Whom neither filters nor constraints kept from it has refused every agent of its class with the same free bundle,
 * so that one agent is asked for them all. Things that only come whole are tried in a drawn order, another one in
 * each run, and are never passed over.
 */

/** Starts the account of an agent in a run. */
export function openAccount(agent: AgentState): void {
  agent.singled = false;
  agent.filteredUntil = Infinity;
}

/** Whether all would refuse the agent as they did before. */
export function isRefused({ openings, room, clock }: Cluster, agent: AgentState): boolean {
  return (
    (agent.refusedVersion === agent.version &&
      agent.refusedOpenings === openings &&
      agent.refusedRoom === room &&
      agent.refusedUntil > clock.now) ||
    isRefusedByClass(openings, room, agent)
  );
}

function isRefusedByClass(openings: number, room: number, { class: kind, available }: AgentState): boolean {
  return kind.refusedOpenings === openings && kind.refusedRoom === room && kind.refused.has(available);
}

/** Notes that nobody took anything of the agent in this run. */
export function noteRefusal({ openings, room }: Cluster, agent: AgentState): void {
  const { class: kind, available } = agent;
  if ((available.flags & Holds.wholePlain) !== 0) return;
  agent.refusedVersion = agent.version;
  agent.refusedOpenings = openings;
  agent.refusedRoom = room;
  agent.refusedUntil = agent.filteredUntil;
  if (agent.singled) return;
  if (kind.refusedOpenings !== openings || kind.refusedRoom !== room) {
    kind.refused.clear();
    kind.refusedOpenings = openings;
    kind.refusedRoom = room;
  }
  kind.refused.add(available);
}
