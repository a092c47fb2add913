import type { Unavailability } from './events.ts';
import type { Offer } from './outcome.ts';
import type { Resources } from './resource-bundle.ts';
import type { Holding, Membership } from './state.ts';

/** An offer that is out. Where it stands in the engine's lists is private to it, so that it prints as an {@link Offer}. */
export class OutstandingOffer implements Offer {
  readonly id: string;
  readonly framework: string;
  readonly role: string;
  readonly agent: string;
  readonly resources: Resources;
  readonly unavailability: Unavailability | null;
  readonly #membership: Membership;
  readonly #holding: Holding;
  readonly #number: number;
  #place = -1;
  #frameworkPlace = -1;

  /** @param number grows from offer to offer */
  constructor(number: number, membership: Membership, holding: Holding, resources: Resources) {
    this.id = `O${number}`;
    this.framework = membership.framework.id;
    this.role = membership.role.path;
    this.agent = holding.agent.id;
    this.resources = resources;
    this.unavailability = holding.agent.unavailability;
    this.#membership = membership;
    this.#holding = holding;
    this.#number = number;
  }

  get membership(): Membership {
    return this.#membership;
  }

  /** What it is a part of. */
  get holding(): Holding {
    return this.#holding;
  }

  get number(): number {
    return this.#number;
  }

  get isOut(): boolean {
    return this.#place >= 0;
  }

  /** The same offer with another form of the same amounts, on no list yet. */
  withResources(resources: Resources): OutstandingOffer {
    return new OutstandingOffer(this.#number, this.#membership, this.#holding, resources);
  }

  /** Puts an offer on the list of all and on its framework's. */
  static enlist(offer: OutstandingOffer, all: OutstandingOffer[]): void {
    const { offers } = offer.#membership.framework;
    offer.#place = all.length;
    offer.#frameworkPlace = offers.length;
    all.push(offer);
    offers.push(offer);
  }

  /** Takes an offer off both lists; the last of each takes its place. */
  static delist(offer: OutstandingOffer, all: OutstandingOffer[]): void {
    const { offers } = offer.#membership.framework;
    const last = all.pop()!;
    if (last !== offer) {
      all[offer.#place] = last;
      last.#place = offer.#place;
    }
    const frameworkLast = offers.pop()!;
    if (frameworkLast !== offer) {
      offers[offer.#frameworkPlace] = frameworkLast;
      frameworkLast.#frameworkPlace = offer.#frameworkPlace;
    }
    offer.#place = -1;
  }
}

/** Offers, the oldest first. */
export const byAge = (offers: readonly OutstandingOffer[]): OutstandingOffer[] =>
  offers.toSorted((a, b) => a.number - b.number);
