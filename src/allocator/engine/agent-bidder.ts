import type { Allowance } from '../filling/allowance.ts';
import { topOf } from '../filling/allowance.ts';
import type { Bid, Bidder } from '../filling/bidder.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import type { Cluster } from './cluster.ts';
import type { Drafts } from './drafts.ts';
import { suits, takesRole } from './eligibility.ts';
import {
  lotOf,
  planGuarantee,
  planShare,
  viewOf,
  withoutBarred,
  type OfferPlan,
  type Stage,
} from './offer-plan.ts';
import type { AgentState, Membership } from './state.ts';

/** A framework without declared demand among others that have one: it bids for one agent after the other, as a whole. */
export class AgentBidder implements Bidder<Membership> {
  readonly member: Membership;
  readonly #cluster: Cluster;
  readonly #book: QuotaBook<Membership>;
  readonly #run: number;
  readonly #agents: readonly AgentState[];
  readonly #drafts: Drafts;
  #stage: Stage = 1;
  /** Those before it were passed over or taken in this stage. */
  #at = 0;
  #plan: OfferPlan | null = null;

  /** @param run its number @param agents in the order of the run */
  constructor(
    cluster: Cluster,
    book: QuotaBook<Membership>,
    run: number,
    member: Membership,
    agents: readonly AgentState[],
    drafts: Drafts,
  ) {
    this.#cluster = cluster;
    this.#book = book;
    this.#run = run;
    this.member = member;
    this.#agents = agents;
    this.#drafts = drafts;
  }

  next(allowance: Allowance): Bid | null {
    if (this.#stage === 1 && !allowance.isForGuarantee) {
      this.#stage = 2;
      this.#at = 0;
    }
    for (; this.#at < this.#agents.length; this.#at++) {
      this.#plan = this.#planFor(this.#agents[this.#at]!);
      if (this.#plan !== null) return { bundle: this.#plan.offer, most: 1 };
    }
    return null;
  }

  take(_bid: Bid, _tasks: number, allowance: Allowance): boolean {
    const { offer, guaranteed, extra } = this.#plan!;
    allowance.spend(guaranteed, 1, null);
    allowance.spend(extra, 1, null);
    this.#drafts.add(this.#agents[this.#at]!, this.member, offer);
    this.#at++;
    return true;
  }

  /** null when it would not be offered anything of the agent. */
  #planFor(agent: AgentState): OfferPlan | null {
    const { framework, role, constraints, filters, min } = this.member;
    if (agent.available.isEmpty || !takesRole(agent, role) || !suits(this.#cluster, agent, framework))
      return null;
    if (constraints !== null && !constraints(agent)) return null;
    const view = viewOf(agent, role);
    const least = min ?? this.#cluster.defaultMin;
    if (!least.isMetBy(view)) return null;
    const plan = this.#planOf(agent, withoutBarred(view, framework.barred & view.flags));
    if (plan === null || !least.isMetBy(plan.offer)) return null;
    const { now } = this.#cluster.clock;
    return (filters?.refusedUntil(agent.slot, plan.offer, now) ?? 0) === 0 ? plan : null;
  }

  #planOf(agent: AgentState, view: ReturnType<typeof viewOf>): OfferPlan | null {
    const { seed, proportionalCuts } = this.#cluster.options;
    const { role } = this.member;
    const lot = lotOf(seed, this.#run, this.#stage, agent);
    if (this.#stage === 2) return planShare(this.#book, role, view, lot, proportionalCuts);
    // The guarantee of a role above may go beyond what the role's own limit lets it have.
    const limits = this.#book.limitRoom(role);
    const lacking = this.#book
      .unsatisfied(topOf(role))
      .map((lack, column) => Math.min(lack ?? 0, limits?.[column] ?? Infinity));
    return planGuarantee(this.#book, role, view, lacking, lot, proportionalCuts);
  }
}
