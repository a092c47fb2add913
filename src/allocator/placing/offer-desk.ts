import type { Matrices } from '../../matrix/matrices.ts';
import type { Snapshot } from '../../snapshot/build.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { Refusal } from '../filling/allowance.ts';
import type { Allocation, QuotaRefusal } from '../allocation.ts';
import type { AnswerOffers, Launch, Offer, OfferRecord } from '../offer.ts';
import type { AgentOrder } from './agent-order.ts';
import { awaitVolumes } from './await-volumes.ts';
import { Bundles } from './bundles.ts';
import type { Found } from './find-room.ts';
import { NodeOrder } from './node-order.ts';
import { Room, type Taken } from './room.ts';
import { RuledOrder } from './ruled-order.ts';

/** Makes offers of the room that was found, asks the frameworks, and keeps what came of it. */
export class OfferDesk {
  readonly snapshot: Snapshot;
  readonly matrices: Matrices;
  readonly bundles: Bundles;
  readonly room: Room;
  readonly #answer: AnswerOffers;
  readonly #orders = new Map<number, AgentOrder>();
  readonly #launches: Launch[] = [];
  readonly #offers: OfferRecord[] = [];
  readonly #declined = new Map<number, string>();
  readonly #givenBack = new Map<number, readonly Taken[]>();
  readonly #refused = new Map<number, QuotaRefusal>();

  constructor(snapshot: Snapshot, matrices: Matrices, answer: AnswerOffers) {
    this.snapshot = snapshot;
    this.matrices = matrices;
    this.bundles = new Bundles(snapshot.columns);
    this.room = new Room(snapshot, matrices);
    this.#answer = answer;
  }

  /** The order in which a row takes agents, kept until the row is done with. */
  orderOf(row: number): AgentOrder {
    let order = this.#orders.get(row);
    if (!order) {
      const Order = this.room.rules?.rules(row) ? RuledOrder : NodeOrder;
      this.#orders.set(row, (order = new Order(this.snapshot, this.matrices, row, this.room)));
    }
    return order;
  }

  /** Forgets what was kept for a row that takes no more agents. */
  close(row: number): void {
    this.#orders.delete(row);
  }

  /**
   * Offers what was found to a framework and settles its answer: what it declines goes back.
   * @param filled pending tasks of each class, by id, that it filled before @returns whether it accepted
   */
  offer(framework: Framework, found: readonly Found[], filled: ReadonlyMap<number, number>): boolean {
    const offers = found.map((each, i) => this.#offerOf(framework, each, i));
    const reply = this.#answer({ framework, offers, filled });
    const accepted = reply.kind === 'accept';
    const reason = accepted ? '' : reply.reason;
    for (const offer of offers)
      this.#offers.push({ offer, answer: accepted ? 'accepted' : 'declined', reason });
    if (accepted) {
      for (const launch of reply.launches) this.#launches.push(launch);
      return true;
    }
    const taken = found.map((each) => each.taken);
    this.#declined.set(framework.index, reason);
    this.#givenBack.set(framework.index, taken);
    for (const each of taken.toReversed()) this.room.undo(each);
    return false;
  }

  /** Notes that quota kept a row from room that is there. */
  refuse(row: number, refusal: Refusal): void {
    this.#refused.set(this.matrices.classes[row]!.id, {
      ...refusal,
      column: this.bundles.columnOf(refusal.column),
    });
  }

  /** What the run decided, but for room that is not free yet. */
  get allocation(): Omit<Allocation, 'claims' | 'evictions' | 'blocked'> {
    const { rules, volumes } = this.room;
    return {
      ...awaitVolumes(this.#launches, this.snapshot, this.matrices, volumes),
      offers: this.#offers,
      declined: this.#declined,
      givenBack: this.#givenBack,
      refused: this.#refused,
      supply: this.room.open,
      rules,
      volumes,
    };
  }

  #offerOf({ index, rolePath }: Framework, { taken, numbers }: Found, at: number): Offer {
    return {
      id: `${this.snapshot.now.toString(36)}-${this.#offers.length + at}`,
      framework: index,
      role: rolePath,
      agent: taken.agent,
      demandClass: this.matrices.classes[taken.row]!,
      tasks: taken.tasks,
      ports: numbers,
    };
  }
}
