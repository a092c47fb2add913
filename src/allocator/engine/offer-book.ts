import type { Cluster } from './cluster.ts';
import { release } from './holdings.ts';
import type { Tick } from './clock.ts';
import type { Outcome, RescindReason } from './outcome.ts';
import type { Resources } from '../resources/resource-bundle.ts';
import { type AgentState, byAge, type FrameworkState, type Holding, OutstandingOffer } from './state.ts';

interface Deadline {
  readonly tick: Tick;
  /** An offer, or an agent and a framework with an inverse offer between them. */
  offer: OutstandingOffer | null;
  readonly agent: AgentState;
  readonly framework: FrameworkState;
}

/** Whether what a deadline is about is still out. */
const isPending = ({ tick, offer, agent, framework }: Deadline): boolean =>
  offer === null ? agent.inverse.get(framework) === tick : offer.isOut;

/** A list of deadlines up to this long is not worth tidying. */
const FEW = 1000;

/** The offers and inverse offers that are out, and their time limits. */
export class OfferBook {
  readonly #cluster: Cluster;
  /** In the order of their ticks, since all wait equally long; those below `#overdue` are done. */
  #deadlines: Deadline[] = [];
  #overdue = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Puts out the offers that a run made. */
  publish(offers: readonly OutstandingOffer[], outcome: Outcome): void {
    for (let i = 0; i < offers.length; i++) {
      const offer = offers[i]!;
      OutstandingOffer.enlist(offer, this.#cluster.offers);
      this.#remember(offer, offer.holding.agent, offer.membership.framework);
    }
    if (offers.length > 0) outcome.offers = offers;
  }

  /** Asks frameworks with anything on agents with a maintenance window to leave them. @param agents by id */
  publishInverse(agents: readonly AgentState[], outcome: Outcome): void {
    const { frameworks, clock } = this.#cluster;
    for (const agent of agents) {
      if (agent.unavailability === null || !agent.active) continue;
      const ids = new Set(agent.holdings.map(({ frameworkId }) => frameworkId));
      for (const id of [...ids].sort()) {
        const framework = frameworks.get(id);
        if (framework === undefined || !framework.active || agent.inverse.has(framework)) continue;
        const until = framework.inverseFilters.get(agent);
        if (until !== undefined && until > clock.now) continue;
        const { offerTimeout } = this.#cluster.options;
        agent.inverse.set(framework, offerTimeout === null ? Infinity : clock.deadline(offerTimeout));
        outcome.addInverseOffer({ framework: id, agent: agent.id, unavailability: agent.unavailability });
        this.#remember(null, agent, framework);
      }
    }
  }

  /** Ends an offer; what it held stays with the framework. */
  close(offer: OutstandingOffer): void {
    OutstandingOffer.delist(offer, this.#cluster.offers);
  }

  /** Gives an offer another form of the same amounts. */
  replace(offer: OutstandingOffer, resources: Resources): void {
    const replacement = OutstandingOffer.replace(offer, resources, this.#cluster.offers);
    for (const deadline of this.#deadlines) if (deadline.offer === offer) deadline.offer = replacement;
  }

  /** Ends an offer and takes back what it held. */
  take(offer: OutstandingOffer): void {
    this.close(offer);
    release(this.#cluster, offer.holding, offer.resources);
  }

  rescind(offer: OutstandingOffer, reason: RescindReason, outcome: Outcome): void {
    this.take(offer);
    outcome.addRescinded({ offer, reason });
  }

  /** Withdraws what is out to a framework. */
  rescindFramework(
    framework: FrameworkState,
    reason: 'frameworkDeactivated' | 'frameworkRemoved',
    outcome: Outcome,
  ): void {
    for (const offer of byAge(framework.offers)) this.rescind(offer, reason, outcome);
    for (const agent of this.#cluster.sortedAgents) {
      if (agent.inverse.delete(framework)) {
        outcome.addRescindedInverse({ framework: framework.id, agent: agent.id, reason });
      }
    }
  }

  /** Withdraws what is out of an agent. */
  rescindAgent(
    agent: AgentState,
    reason: 'agentRemoved' | 'agentDeactivated' | 'maintenance',
    outcome: Outcome,
  ): void {
    const offers = agent.holdings.flatMap((holding) => OutstandingOffer.of(holding));
    for (const offer of byAge(offers)) this.rescind(offer, reason, outcome);
    for (const framework of agent.inverse.keys()) {
      outcome.addRescindedInverse({ framework: framework.id, agent: agent.id, reason });
    }
    agent.inverse.clear();
  }

  /** Withdraws what waited too long. */
  expire(outcome: Outcome): void {
    const { now } = this.#cluster.clock;
    for (; this.#overdue < this.#deadlines.length; this.#overdue++) {
      const deadline = this.#deadlines[this.#overdue]!;
      if (deadline.tick > now) break;
      if (!isPending(deadline)) continue;
      const { offer, agent, framework } = deadline;
      if (offer !== null) this.rescind(offer, 'timeout', outcome);
      else {
        agent.inverse.delete(framework);
        outcome.addRescindedInverse({ framework: framework.id, agent: agent.id, reason: 'timeout' });
      }
    }
    this.#tidy();
  }

  /** Drops the deadlines of what is not out any more once they are most of the list. */
  #tidy(): void {
    if (this.#deadlines.length <= 2 * (this.#cluster.offers.length + this.#cluster.agents.size) + FEW) return;
    this.#deadlines = this.#deadlines.slice(this.#overdue).filter(isPending);
    this.#overdue = 0;
  }

  /**
   * A framework gives resources back: whole offers first, then what it runs outside of tasks, then part of an
   * offer, the rest of which it thereby accepts.
   */
  giveBack(holding: Holding, resources: Resources): void {
    const { newestOffer } = holding;
    if (newestOffer?.resources === resources && OutstandingOffer.isAlone(newestOffer)) {
      this.take(newestOffer);
      return;
    }
    let left = resources;
    for (const offer of OutstandingOffer.of(holding)) {
      if (left.contains(offer.resources)) {
        left = left.minus(offer.resources);
        this.close(offer);
      }
    }
    if (!left.isEmpty) {
      const open = OutstandingOffer.of(holding);
      let accepted = holding.resources.minus(resources.minus(left)).minus(holding.running);
      for (const offer of open) accepted = accepted.minus(offer.resources);
      if (!accepted.contains(left)) for (const offer of open) this.close(offer);
    }
    release(this.#cluster, holding, resources);
  }

  #remember(offer: OutstandingOffer | null, agent: AgentState, framework: FrameworkState): void {
    const { offerTimeout } = this.#cluster.options;
    if (offerTimeout === null) return;
    this.#deadlines.push({ tick: this.#cluster.clock.deadline(offerTimeout), offer, agent, framework });
  }
}
