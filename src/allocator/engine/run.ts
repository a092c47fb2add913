import { Prng } from '../../lib/prng.ts';
import { sumsOf } from '../resources/amounts.ts';
import type { Cluster } from './cluster.ts';
import { Marks } from '../roles/accounts.ts';
import { Drafts } from './drafts.ts';
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
import type { Amounts, QuotaBook } from '../roles/quota-book.ts';
import { noteRefusal, openAccount, Standing, standingOf } from './refusal.ts';
import { Holds } from '../resources/resource-bundle.ts';
import { ALL_MARKS } from '../roles/sorter.ts';
import type { AgentState, Membership, OutstandingOffer, RoleAccount } from './state.ts';

/**
 * One allocation run: offers the free resources of some agents, in a shuffled order, to the frameworks that come
 * first. Roles and frameworks are in the order in which they stood when the run came to the agent; whatever is
 * given counts from the next agent on.
 */
export class OfferRun {
  readonly #cluster: Cluster;
  readonly #book: QuotaBook<Membership>;
  readonly #number: number;
  readonly #drafts: Drafts;

  constructor(cluster: Cluster, book: QuotaBook<Membership>) {
    this.#cluster = cluster;
    this.#book = book;
    this.#drafts = new Drafts(cluster);
    this.#number = ++cluster.runs;
  }

  /** @param agents candidates that may be offered, ascending by id @returns the offers in the order of their making */
  make(agents: readonly AgentState[]): readonly OutstandingOffer[] {
    const random = new Prng(this.#cluster.options.seed, this.#number);
    const order = random.shuffle([...agents]);
    this.#book.begin();
    // Long loops without iterators, which would make an object for every agent.
    for (let i = 0; i < order.length; i++) openAccount(order[i]!);
    if (this.#book.isWanting) {
      for (let i = 0; i < order.length; i++) {
        const agent = order[i]!;
        if (!agent.available.isEmpty) this.#serveGuarantees(agent);
      }
    }
    random.shuffle(order);
    for (let i = 0; i < order.length; i++) {
      const agent = order[i]!;
      if (!agent.available.isEmpty) this.#serveShares(agent);
    }
    this.#book.end();
    return this.#drafts.end();
  }

  #serveGuarantees(agent: AgentState): void {
    const standing = standingOf(this.#cluster, agent);
    if (standing === Standing.refused) return;
    const { roleSorter } = this.#cluster.accounts;
    const roles = standing === Standing.open ? Marks.wanting : Marks.fresh;
    this.#startRoles(agent, 1);
    for (let next = roleSorter.next(roles); next !== null; next = roleSorter.next(roles)) {
      if (agent.available.isEmpty) return;
      const unsatisfied = this.#book.unsatisfied(next.payload);
      if (unsatisfied.length > 0) this.#serve(agent, next.payload, 1, unsatisfied, standing);
    }
  }

  #serveShares(agent: AgentState): void {
    const standing = standingOf(this.#cluster, agent);
    if (standing === Standing.refused) return;
    const { roleSorter } = this.#cluster.accounts;
    // A role whose limit is reached can still be given what is not plain.
    const all = (agent.available.flags & ~PLAIN_FLAGS) === 0 ? Marks.roomy : Marks.offered;
    const roles = standing === Standing.open ? all : Marks.fresh;
    this.#startRoles(agent, 2);
    for (let next = roleSorter.next(roles); next !== null; next = roleSorter.next(roles)) {
      this.#serve(agent, next.payload, 2, NOTHING, standing);
      if (agent.available.isEmpty) return;
    }
    if (agent.servedInRun !== this.#number) noteRefusal(this.#cluster, agent, standing);
  }

  /** Offers an agent to the frameworks of a role, one after another. */
  #serve(agent: AgentState, role: RoleAccount, stage: Stage, unsatisfied: Amounts, standing: Standing): void {
    let view = viewOf(agent, role);
    if (view.isEmpty || !takesRole(agent, role)) return;
    const sorter = role.sorter!;
    sorter.start(this.#cluster.options.seed, this.#number, stage, agent.word, role.word);
    let plan: OfferPlan | null = null;
    let planned = -1;
    const members = standing === Standing.open ? ALL_MARKS : Marks.fresh;
    for (let next = sorter.next(members); next !== null; next = sorter.next(members)) {
      const member = next.payload;
      if (!this.#wants(agent, member)) continue;
      const min = member.min ?? this.#cluster.defaultMin;
      if (!min.isMetBy(view)) continue;
      const barred = member.framework.barred & view.flags;
      if (planned !== barred) {
        const stripped = withoutBarred(view, barred);
        const { seed, proportionalCuts: even } = this.#cluster.options;
        const lot = lotOf(seed, this.#number, stage, agent);
        plan =
          stage === 1
            ? planGuarantee(this.#book, role, stripped, unsatisfied, lot, even)
            : planShare(this.#book, role, stripped, lot, even);
        planned = barred;
      }
      if (plan === null || !min.isMetBy(plan.offer) || this.#isFiltered(agent, member, plan)) continue;
      this.#give(agent, member, plan, stage);
      view = viewOf(agent, role);
      planned = -1;
      if (view.isEmpty) return;
      if (stage === 1) {
        unsatisfied = this.#book.unsatisfied(role);
        if (unsatisfied.length === 0) return;
      }
    }
  }

  #wants(agent: AgentState, { framework, constraints }: Membership): boolean {
    if (constraints !== null && !constraints(agent)) {
      agent.singled = true;
      return false;
    }
    return suits(this.#cluster, agent, framework);
  }

  #isFiltered(agent: AgentState, { filters }: Membership, { offer }: OfferPlan): boolean {
    if (filters === null) return false;
    const until = filters.refusedUntil(agent.slot, offer, this.#cluster.clock.now);
    if (until === 0) return false;
    agent.singled = true;
    if (until < agent.filteredUntil) agent.filteredUntil = until;
    return true;
  }

  #give(agent: AgentState, member: Membership, plan: OfferPlan, stage: Stage): void {
    const { offer, guaranteed, extra } = plan;
    agent.servedInRun = this.#number;
    if (!this.#book.isEmpty) {
      if (stage === 1) this.#book.spend(member.role, sumsOf(guaranteed));
      this.#book.spend(member.role, sumsOf(extra), [], 'against limits');
    }
    this.#drafts.add(agent, member, offer);
  }

  #startRoles(agent: AgentState, stage: Stage): void {
    this.#cluster.accounts.roleSorter.start(this.#cluster.options.seed, this.#number, stage, agent.word);
  }
}

const PLAIN_FLAGS = Holds.plain | Holds.wholePlain;
const NOTHING: Amounts = [];
