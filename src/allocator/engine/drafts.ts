import type { Cluster } from './cluster.ts';
import { holdAs } from './holdings.ts';
import { Holds, Resources, type Bundle } from '../resources/resource-bundle.ts';
import { type AgentState, type Membership, OutstandingOffer } from './state.ts';

/** The offers that a run makes: one for each framework, role and agent, which grows with all that is added. */
export class Drafts {
  readonly #cluster: Cluster;
  readonly #drafts: OutstandingOffer[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Offers resources of an agent; they count from now on. @param task @param times see `Accounts.charge` */
  add(agent: AgentState, member: Membership, offer: Resources, task?: Bundle, times?: number): void {
    if ((offer.flags & Holds.shared) !== 0) {
      agent.sharedOffered = agent.sharedOffered.plus(offer.filter((kind) => kind.shared));
    }
    const holding = holdAs(this.#cluster, agent, member, offer, task, times);
    if (holding.draft === null) {
      holding.draft = new OutstandingOffer(this.#cluster.nextOffer(), member, holding, offer);
      this.#drafts.push(holding.draft);
    } else holding.draft.grow(offer);
  }

  /** Ends the run. @returns the offers in the order of their making */
  end(): readonly OutstandingOffer[] {
    for (let i = 0; i < this.#drafts.length; i++) {
      const { holding } = this.#drafts[i]!;
      holding.draft = null;
      holding.agent.sharedOffered = Resources.empty;
    }
    return this.#drafts;
  }
}
