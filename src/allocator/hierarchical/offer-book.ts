import type { Cluster } from './cluster.ts';
import type { Tick } from './clock.ts';
import type { EngineResult, Offer, RescindedInverse, RescindReason } from './outcome.ts';
import type { Resources } from './resource-bundle.ts';
import type { AgentState, Draft, FrameworkState, Holding, OfferRecord } from './state.ts';

/** What an event led to, while it is gathered. */
export class Outcome implements EngineResult {
  readonly offers: EngineResult['offers'][number][] = [];
  readonly inverseOffers: EngineResult['inverseOffers'][number][] = [];
  readonly rescinded: EngineResult['rescinded'][number][] = [];
  readonly rescindedInverse: RescindedInverse[] = [];
  readonly tasks: EngineResult['tasks'][number][] = [];
  readonly dropped: EngineResult['dropped'][number][] = [];
  runs = 0;
}

interface Deadline {
  readonly tick: Tick;
  /** An offer, or an agent and a framework with an inverse offer between them. */
  readonly record: OfferRecord | null;
  readonly agent: AgentState;
  readonly framework: FrameworkState;
}

/** The offers and inverse offers that are out, and their time limits. */
export class OfferBook {
  readonly #cluster: Cluster;
  /** In the order of their ticks, since all wait equally long; those below `#overdue` are done. */
  #deadlines: Deadline[] = [];
  #overdue = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Makes offers of what a run allotted. */
  publish(drafts: readonly Draft[], outcome: Outcome): void {
    for (const { membership, agent, resources } of drafts) {
      const { framework, role, key } = membership;
      const offer: Offer = {
        id: this.#cluster.nextOfferId(),
        framework: framework.id,
        role: role.path,
        agent: agent.id,
        resources,
        unavailability: agent.unavailability,
      };
      const record: OfferRecord = { offer, membership, holding: agent.holdings.get(key)! };
      this.#cluster.offers.set(offer.id, record);
      framework.offers.add(record);
      record.holding.offers.push(record);
      outcome.offers.push(offer);
      this.#remember(record, agent, framework);
    }
  }

  /** Asks frameworks with anything on agents with a maintenance window to leave them. @param agents by id */
  publishInverse(agents: readonly AgentState[], outcome: Outcome): void {
    const { frameworks, clock } = this.#cluster;
    for (const agent of agents) {
      if (agent.unavailability === null) continue;
      const ids = new Set([...agent.holdings.values()].map(({ frameworkId }) => frameworkId));
      for (const id of [...ids].sort()) {
        const framework = frameworks.get(id);
        if (framework === undefined || !framework.active || agent.inverse.has(framework)) continue;
        const until = framework.inverseFilters.get(agent);
        if (until !== undefined && until > clock.now) continue;
        const { offerTimeout } = this.#cluster.options;
        agent.inverse.set(framework, offerTimeout === null ? Infinity : clock.deadline(offerTimeout));
        outcome.inverseOffers.push({ framework: id, agent: agent.id, unavailability: agent.unavailability });
        this.#remember(null, agent, framework);
      }
    }
  }

  /** Ends an offer; what it held stays with the framework. */
  close(record: OfferRecord): void {
    this.#cluster.offers.delete(record.offer.id);
    record.membership.framework.offers.delete(record);
    const { offers } = record.holding;
    offers.splice(offers.indexOf(record), 1);
  }

  /** Ends an offer and takes back what it held. */
  take(record: OfferRecord): void {
    this.close(record);
    this.#cluster.release(record.holding, record.offer.resources);
  }

  rescind(record: OfferRecord, reason: RescindReason, outcome: Outcome): void {
    this.take(record);
    outcome.rescinded.push({ offer: record.offer, reason });
  }

  /** Withdraws what is out to a framework. */
  rescindFramework(
    framework: FrameworkState,
    reason: 'frameworkDeactivated' | 'frameworkRemoved',
    outcome: Outcome,
  ): void {
    for (const record of framework.offers) this.rescind(record, reason, outcome);
    for (const agent of this.#cluster.sortedAgents) {
      if (agent.inverse.delete(framework)) {
        outcome.rescindedInverse.push({ framework: framework.id, agent: agent.id, reason });
      }
    }
  }

  /** Withdraws what is out of an agent. */
  rescindAgent(agent: AgentState, reason: 'agentRemoved' | 'maintenance', outcome: Outcome): void {
    for (const holding of agent.holdings.values()) {
      for (const record of holding.offers.slice()) this.rescind(record, reason, outcome);
    }
    for (const framework of agent.inverse.keys()) {
      outcome.rescindedInverse.push({ framework: framework.id, agent: agent.id, reason });
    }
    agent.inverse.clear();
  }

  /** Withdraws what waited too long. */
  expire(outcome: Outcome): void {
    const { now } = this.#cluster.clock;
    for (; this.#overdue < this.#deadlines.length; this.#overdue++) {
      const { tick, record, agent, framework } = this.#deadlines[this.#overdue]!;
      if (tick > now) break;
      if (record !== null) {
        if (this.#cluster.offers.get(record.offer.id) === record) this.rescind(record, 'timeout', outcome);
      } else if (agent.inverse.get(framework) === tick) {
        agent.inverse.delete(framework);
        outcome.rescindedInverse.push({ framework: framework.id, agent: agent.id, reason: 'timeout' });
      }
    }
    if (this.#overdue * 2 > this.#deadlines.length) {
      this.#deadlines = this.#deadlines.slice(this.#overdue);
      this.#overdue = 0;
    }
  }

  /**
   * A framework gives resources back: whole offers first, then what it runs outside of tasks, then part of an
   * offer, the rest of which it thereby accepts.
   */
  giveBack(holding: Holding, resources: Resources): void {
    let left = resources;
    for (const offer of holding.offers.slice()) {
      if (left.contains(offer.offer.resources)) {
        left = left.minus(offer.offer.resources);
        this.close(offer);
      }
    }
    let accepted = holding.resources.minus(resources.minus(left));
    for (const { offer } of holding.offers) accepted = accepted.minus(offer.resources);
    for (const { resources: running } of holding.tasks) accepted = accepted.minus(running);
    if (!accepted.contains(left)) for (const offer of holding.offers.slice()) this.close(offer);
    this.#cluster.release(holding, resources);
  }

  #remember(record: OfferRecord | null, agent: AgentState, framework: FrameworkState): void {
    const { offerTimeout } = this.#cluster.options;
    if (offerTimeout === null) return;
    this.#deadlines.push({ tick: this.#cluster.clock.deadline(offerTimeout), record, agent, framework });
  }
}
