import type { Allowance } from '../filling/allowance.ts';
import type { Bid, Bidder } from '../filling/bidder.ts';
import { scalarItem, type Bundle } from '../resources/resource-bundle.ts';
import { kindOf, nameOf, plainScalar } from '../resources/resource-kind.ts';
import { TaskRoom, type TaskAmounts } from '../resources/task-room.ts';
import type { Cluster } from './cluster.ts';
import { openDemand } from './demand.ts';
import type { Drafts } from './drafts.ts';
import { suits, takesRole } from './eligibility.ts';
import { viewOf, withoutBarred } from './offer-plan.ts';
import type { AgentState, DemandState, Membership } from './state.ts';

/** Tasks of one shape, wanted in a run. */
interface Want extends Bid, Pick<DemandState, 'amounts' | 'least'> {
  most: number;
  /** Agents before this one have no room for one more. */
  at: number;
  /** There is no room left for them, or quota refused one. */
  isOver: boolean;
}

/**
 * A framework with a declared demand, under one role: it bids for its tasks one shape after the other, each on the
 * first agent, in the run's order, that has room for one. An agent that it refused, for whatever, it is not offered
 * while the refusal lasts; how much an offer must hold at least has no say, since it says itself what it can use.
 */
export class DemandBidder implements Bidder<Membership> {
  readonly member: Membership;
  readonly #cluster: Cluster;
  readonly #agents: readonly AgentState[];
  readonly #drafts: Drafts;
  readonly #wants: readonly Want[];

  /** @param agents in the order of the run */
  constructor(cluster: Cluster, member: Membership, agents: readonly AgentState[], drafts: Drafts) {
    this.#cluster = cluster;
    this.member = member;
    this.#agents = agents;
    this.#drafts = drafts;
    const open = openDemand(member);
    this.#wants = (member.demand ?? []).map(({ amounts, least }, i) => ({
      amounts,
      least,
      bundle: this.#measured(amounts),
      most: open[i]!,
      at: 0,
      isOver: false,
    }));
  }

  next(allowance: Allowance): Want | null {
    return (
      this.#wants.find(({ most, isOver, bundle }) => most > 0 && !isOver && allowance.counts(bundle.items)) ??
      null
    );
  }

  take(want: Want, tasks: number, allowance: Allowance): boolean {
    const { items } = want.bundle;
    let left = tasks;
    while (left > 0 && !want.isOver) {
      const agent = this.#agents[want.at];
      if (agent === undefined) {
        want.isOver = true;
        break;
      }
      const room = this.#roomOn(agent, want);
      if (room === null || room.tasks === 0) {
        want.at++;
        continue;
      }
      const counted = Math.min(room.tasks, allowance.counted(items, left, room.reserved));
      if (counted === 0) break;
      const taken = allowance.fit(items, counted, room.reserved);
      if (taken < counted) want.isOver = true;
      if (taken === 0) break;
      allowance.spend(items, taken, room.reserved);
      this.#drafts.add(agent, this.member, room.take(taken), want.bundle, taken);
      want.most -= taken;
      left -= taken;
    }
    return left < tasks;
  }

  /** null when the agent cannot be offered to it. */
  #roomOn(agent: AgentState, { amounts, least }: Want): TaskRoom | null {
    const { framework, role, constraints, filters } = this.member;
    if (!least.isMetBy(agent.available) || !takesRole(agent, role) || !suits(this.#cluster, agent, framework))
      return null;
    if (filters?.has(agent.slot, this.#cluster.clock.now) === true) return null;
    if (constraints !== null && !constraints(agent)) return null;
    const view = viewOf(agent, role);
    return new TaskRoom(withoutBarred(view, framework.barred & view.flags), amounts, this.#isMeasured);
  }

  /** Whether the cluster has scalars of a name. */
  readonly #isMeasured = (column: number): boolean =>
    (this.#cluster.accounts.totals.amounts[column] ?? 0) > 0;

  /** The scalars of a task, which is what shares and quota count. */
  #measured(amounts: TaskAmounts): Bundle {
    return {
      items: amounts
        .filter(([column]) => this.#isMeasured(column))
        .map(([column, amount]) => scalarItem(kindOf(plainScalar(nameOf(column))), amount)),
    };
  }
}
