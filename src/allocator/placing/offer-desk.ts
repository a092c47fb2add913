import type { Framework } from '../../snapshot/framework.ts';
import type { Domain } from '../../matrix/rules/topology.ts';
import type { Refusal } from '../filling/allowance.ts';
import type { Room, Taken } from '../room/room.ts';
import type { Place, Stock } from '../room/stock.ts';
import type { AgentOrder } from './agent-order.ts';
import { awaitVolumes, type ByVolumes } from './await-volumes.ts';
import { KeptRoom } from './kept-room.ts';
import { NodeOrder } from './node-order.ts';
import type { AnswerOffers, Launch, Offer, OfferRecord } from './offer.ts';
import { RuledOrder } from './ruled-order.ts';

/** What came of the offers of a run: tasks that are launched, those that wait for volumes, and who got nothing, why. */
export interface Offered extends ByVolumes {
  readonly offers: readonly OfferRecord[];
  /** For each declined framework, by number, its own words. */
  readonly declined: ReadonlyMap<number, string>;
  /** For each declined framework, by number, the room that it was offered and gave back. */
  readonly givenBack: ReadonlyMap<number, readonly Place[]>;
  /** For each gang, by number, that starves, the room that is kept for it until all of it has some. */
  readonly kept: ReadonlyMap<number, readonly Place[]>;
  /** For each class, by id, that quota kept from room that was there, why. Amounts are those of the snapshot's column. */
  readonly refused: ReadonlyMap<number, Refusal>;
  /** What agents have left that nobody took and nobody waits for. */
  readonly rest: Stock;
}

/** Makes offers of the room that was found, asks the frameworks, and keeps what came of it. */
export class OfferDesk {
  readonly room: Room;
  readonly keptRoom: KeptRoom;
  readonly #answer: AnswerOffers;
  readonly #orders = new Map<number, AgentOrder>();
  readonly #launches: Launch[] = [];
  readonly #offers: OfferRecord[] = [];
  readonly #declined = new Map<number, string>();
  readonly #givenBack = new Map<number, readonly Place[]>();
  readonly #refused = new Map<number, Refusal>();

  constructor(room: Room, answer: AnswerOffers) {
    this.room = room;
    this.keptRoom = new KeptRoom(room);
    this.#answer = answer;
  }

  /** The order in which a row takes agents, kept until the row is done with. */
  orderOf(row: number): AgentOrder {
    let order = this.#orders.get(row);
    if (!order) this.#orders.set(row, (order = this.orderWithin(row)));
    return order;
  }

  /** A new order of a row, of the agents of one domain alone. */
  orderWithin(row: number, within?: Domain): AgentOrder {
    const Order = this.room.rules?.rules(row) ? RuledOrder : NodeOrder;
    const { snapshot, matrices } = this.room;
    return new Order(snapshot, matrices, row, this.room, within);
  }

  /** Forgets what was kept for a row that takes no more agents. */
  close(row: number): void {
    this.#orders.delete(row);
  }

  /**
   * Offers what was found to a framework. What it declines the caller has to give back.
   * @param filled pending tasks of each class, by id, that it filled before @returns whether it accepted
   */
  offer(framework: Framework, found: readonly Taken[], filled: ReadonlyMap<number, number>): boolean {
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
    this.#declined.set(framework.index, reason);
    this.#givenBack.set(framework.index, found);
    return false;
  }

  /** Notes that quota kept a row from room that is there. */
  refuse(row: number, refusal: Refusal): void {
    this.#refused.set(this.room.matrices.classes[row]!.id, refusal);
  }

  /** Ends the run. @param nominated places that somebody waits for */
  end(nominated: readonly Place[]): Offered {
    const { snapshot, matrices, volumes } = this.room;
    return {
      ...awaitVolumes(this.#launches, snapshot, matrices, volumes),
      offers: this.#offers,
      declined: this.#declined,
      givenBack: this.#givenBack,
      kept: this.keptRoom.kept,
      refused: this.#refused,
      rest: this.room.rest(nominated),
    };
  }

  #offerOf({ index, rolePath }: Framework, { agent, row, tasks, numbers }: Taken, at: number): Offer {
    return {
      id: `${this.room.snapshot.now.toString(36)}-${this.#offers.length + at}`,
      framework: index,
      role: rolePath,
      agent,
      demandClass: this.room.matrices.classes[row]!,
      tasks,
      ports: numbers,
    };
  }
}
