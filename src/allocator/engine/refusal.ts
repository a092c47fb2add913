import type { Cluster } from './cluster.ts';
import { Holds } from '../resources/resource-bundle.ts';
import type { AgentState } from './state.ts';

/*
 * What spares runs most of their work: an agent that everybody refused in a whole run is passed over in later runs
 * until something changes that could matter. In the course of a run what could be taken only shrinks (limits and
 * headroom fill up, agents empty), and filters, activity and settings stand still; so a refusal holds until
 *  - the agent itself changes (its version),
 *  - some framework becomes welcome where it was not (`openings`): then it is shown to that framework alone,
 *  - quota permits what it did not (`room`),
 *  - the time of the first filter that had a part in it is over.
 * Whom neither filters nor constraints kept from it has refused every agent of its class with the same free bundle,
 * so that one agent is asked for them all. Never passed over are
 *  - things that only come whole: they are tried in a drawn order, another one in each run,
 *  - agents that quota cuts evenly: who gets nothing beside a resource that is used up for it may take what is left
 *    once somebody else has taken that one.
 */

/** Starts the account of an agent in a run. */
export function openAccount(agent: AgentState): void {
  agent.singled = false;
  agent.filteredUntil = Infinity;
}

/** How all that could take something of an agent stand to it. */
export const Standing = {
  /** Anybody might take something. */
  open: 0,
  /** All refused it, but for the fresh ones, who have not been asked. */
  fresh: 1,
  /** The same, and no filter or constraint had a part in that. */
  freshToClass: 2,
  /** All would refuse it again. */
  refused: 3,
} as const;
export type Standing = (typeof Standing)[keyof typeof Standing];

export function standingOf({ accounts, clock }: Cluster, agent: AgentState): Standing {
  const { openings, freshSince, room } = accounts;
  const isNoted =
    agent.refusedVersion === agent.version && agent.refusedRoom === room && agent.refusedUntil > clock.now;
  if (isNoted && agent.refusedOpenings === openings) return Standing.refused;
  const { refused, refusedRoom } = agent.class;
  const classOpenings = refusedRoom === room ? (refused.get(agent.available) ?? -1) : -1;
  if (classOpenings === openings) return Standing.refused;
  if (classOpenings >= freshSince) return Standing.freshToClass;
  return isNoted && agent.refusedOpenings >= freshSince ? Standing.fresh : Standing.open;
}

/** Notes that nobody who was asked took anything of the agent in this run. @param standing how it was then */
export function noteRefusal({ accounts, options }: Cluster, agent: AgentState, standing: Standing): void {
  const { openings, room } = accounts;
  const { class: kind, available } = agent;
  if ((available.flags & Holds.wholePlain) !== 0) return;
  if (options.proportionalCuts && accounts.roles.withQuota.length > 0) return;
  const until = standing === Standing.fresh ? agent.refusedUntil : Infinity;
  agent.refusedVersion = agent.version;
  agent.refusedOpenings = openings;
  agent.refusedRoom = room;
  agent.refusedUntil = Math.min(until, agent.filteredUntil);
  if (agent.singled || standing === Standing.fresh) return;
  if (kind.refusedRoom !== room) {
    kind.refused.clear();
    kind.refusedRoom = room;
  }
  kind.refused.set(available, openings);
}
