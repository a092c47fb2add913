import { TaskRoom } from '../resources/task-room.ts';
import { chain } from '../roles/slow-order.test-helper.ts';
import {
  any,
  at,
  Reference,
  some,
  type Agent,
  type Framework,
  type Sums,
  type Tasks,
} from './reference.test-helper.ts';
import { sumsOf } from '../resources/amounts.ts';

/** In a filling: `at` is the next agent of the order to look at, for the whole of it or for a task. */
type Bidder = { framework: Framework; role: string; at: number; wants: (Tasks & { at: number })[] | null };

/** The reference with frameworks that declare what they want: one task after the other, all asked anew for each. */
export class SlowFilling extends Reference {
  /** Progressive filling: turn by turn, a task for those that declare what they want, an agent for the others. */
  override fill(order: readonly Agent[]): boolean {
    if (![...this.frameworks.values()].some(({ demand }) => demand !== null)) return false;
    const bidders = [...this.frameworks.values()].flatMap((framework) =>
      framework.roles
        .filter((role) => this.isOffered(framework, role))
        .map((role) => this.bidder(framework, role)),
    );
    for (const stage of [1, 2] as const) {
      let bidding = bidders.filter(({ role }) => stage === 2 || some(this.lacking(chain(role).at(-1)!)));
      for (const bidder of bidding) if (bidder.wants === null) bidder.at = 0;
      for (let turn = 0; bidding.length > 0; turn++) {
        const role = this.rolesInOrder(stage - 1, turn).find((path) =>
          bidding.some((bidder) => bidder.role === path),
        )!;
        const bidderOf = (framework: Framework): Bidder | undefined =>
          bidding.find((bidder) => bidder.framework === framework && bidder.role === role);
        const bidder = this.frameworksInOrder(role, stage - 1, turn)
          .map(bidderOf)
          .find((found) => found !== undefined)!;
        this.bids(bidder, stage, order, true);
        if (!this.bids(bidder, stage, order, false)) bidding = bidding.filter((other) => other !== bidder);
      }
    }
    return true;
  }

  /** A bidder with what it wants beyond the offers that are out to it. */
  bidder(framework: Framework, role: string): Bidder {
    const wants =
      framework.demand?.filter((tasks) => tasks.role === role).map((tasks) => ({ ...tasks, at: 0 })) ?? null;
    for (const { resources } of this.pieces.filter(
      (piece) => piece.until !== undefined && piece.framework === framework.id && piece.role === role,
    )) {
      const used: number[] = [];
      for (const want of wants ?? []) {
        const room = ([column, amount]: readonly [number, number]): number =>
          Math.floor((resources.amountOf(column) - at(used, column)) / amount);
        const tasks = Math.min(want.left, ...want.amounts.map(room));
        want.left -= tasks;
        for (const [column, amount] of want.amounts) used[column] = at(used, column) + tasks * amount;
      }
    }
    return { framework, role, at: 0, wants };
  }

  /** Whether a bidder would take something in this stage; takes it if it is to. */
  bids(bidder: Bidder, stage: 1 | 2, order: readonly Agent[], take: boolean): boolean {
    const { framework, role, wants } = bidder;
    const lacking = this.lacking(chain(role).at(-1)!);
    const charge = (taken: Sums): void =>
      this.charge(
        chain(role),
        taken,
        lacking.map((lack, column) => Math.min(lack, at(taken, column))),
      );
    if (wants === null) {
      for (; bidder.at < order.length; bidder.at++) {
        const agent = order[bidder.at]!;
        const open = lacking.map((lack, column) => Math.min(lack, this.limits(role)?.[column] ?? Infinity));
        const plan = this.plan(stage, agent, framework, role, open);
        if (plan === null) continue;
        if (!take) return true;
        charge(sumsOf([...plan.given, ...plan.extra]));
        this.offer({ framework: framework.id, role, agent: agent.id }, plan.offer);
        bidder.at++;
        return true;
      }
      return false;
    }
    const totals = this.totals(any);
    const measured = ({ amounts }: Tasks) => amounts.filter(([column]) => at(totals, column) > 0);
    const want = wants.find(
      (tasks) =>
        tasks.left > 0 && (stage === 2 || measured(tasks).some(([column]) => at(lacking, column) > 0)),
    );
    if (want === undefined || !take) return want !== undefined;
    const [limits, surplus] = [this.limits(role) ?? [], this.surplus()];
    for (; want.at < order.length; want.at++) {
      const agent = order[want.at]!;
      const room = new TaskRoom(
        this.view(agent, framework, role),
        want.amounts,
        (column) => at(totals, column) > 0,
      );
      const names = { framework: framework.id, role, agent: agent.id };
      if (room.tasks === 0 || this.refused(names).some((resources) => !resources.isEmpty)) continue;
      const taken: number[] = [];
      measured(want).forEach(
        ([column, amount], i) => (taken[column] = Math.max(0, amount - room.reserved[i]!)),
      );
      const free = (column: number): number =>
        Math.min(
          limits[column] ?? Infinity,
          surplus === null ? Infinity : at(surplus, column) + (stage === 1 ? at(lacking, column) : 0),
        );
      if (taken.some((amount, column) => amount > free(column))) break;
      charge(Array.from(taken, (amount) => amount ?? 0));
      this.offer(names, room.take(1));
      want.left--;
      return true;
    }
    want.left = 0;
    return false;
  }
}
