import type { Unavailability } from './events.ts';
import type { Offer } from './outcome.ts';
import type { Resources } from '../resources/resource-bundle.ts';
import type { Holding, Membership } from './state.ts';

/** An offer in the making or out. Names are read off what it links, since there are many offers. */
export class OutstandingOffer implements Offer {
  readonly #number: number;
  readonly #membership: Membership;
  readonly #holding: Holding;
  #resources: Resources;
  readonly #unavailability: Unavailability | null;
  /** The next older one of the holding. */
  #older: OutstandingOffer | null = null;
  // Where it stands on the list of all and on its framework's.
  #place = -1;
  #frameworkPlace = -1;

  /** @param number grows from offer to offer */
  constructor(number: number, membership: Membership, holding: Holding, resources: Resources) {
    this.#number = number;
    this.#membership = membership;
    this.#holding = holding;
    this.#resources = resources;
    this.#unavailability = holding.agent.unavailability;
  }

  get id(): string {
    return `O${this.#number}`;
  }
  get framework(): string {
    return this.#membership.framework.id;
  }
  get role(): string {
    return this.#membership.role.path;
  }
  get agent(): string {
    return this.#holding.agent.id;
  }
  get resources(): Resources {
    return this.#resources;
  }
  get unavailability(): Unavailability | null {
    return this.#unavailability;
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

  toJSON(): Offer {
    const { id, framework, role, agent, resources, unavailability } = this;
    return { id, framework, role, agent, resources, unavailability };
  }

  /** Adds to an offer in the making. */
  grow(resources: Resources): void {
    this.#resources = this.#resources.plus(resources);
  }

  /** Puts an offer on the list of all, its framework's and its holding's. */
  static enlist(offer: OutstandingOffer, all: OutstandingOffer[]): void {
    const { offers } = offer.#membership.framework;
    offer.#place = all.length;
    offer.#frameworkPlace = offers.length;
    all.push(offer);
    offers.push(offer);
    offer.#older = offer.#holding.newestOffer;
    offer.#holding.newestOffer = offer;
  }

  /** Takes an offer off the lists; in those without order the last takes its place. */
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
    OutstandingOffer.#relink(offer, offer.#older);
  }

  /** Puts an offer with another form of the same amounts in the place of one. */
  static replace(offer: OutstandingOffer, resources: Resources, all: OutstandingOffer[]): OutstandingOffer {
    const holding = offer.#holding;
    const other = new OutstandingOffer(offer.#number, offer.#membership, holding, resources);
    other.#place = offer.#place;
    other.#frameworkPlace = offer.#frameworkPlace;
    other.#older = offer.#older;
    all[other.#place] = other;
    other.#membership.framework.offers[other.#frameworkPlace] = other;
    OutstandingOffer.#relink(offer, other);
    offer.#place = -1;
    return other;
  }

  /** Lets what leads to an offer in its holding lead to another. */
  static #relink(offer: OutstandingOffer, other: OutstandingOffer | null): void {
    const holding = offer.#holding;
    let newer: OutstandingOffer | null = null;
    for (let at = holding.newestOffer; at !== offer && at !== null; at = at.#older) newer = at;
    if (newer === null) holding.newestOffer = other;
    else newer.#older = other;
  }

  /** Whether an offer is the only one of its holding. */
  static isAlone(offer: OutstandingOffer): boolean {
    return offer.#holding.newestOffer === offer && offer.#older === null;
  }

  /** Those of a holding, the oldest first. */
  static of(holding: Holding): OutstandingOffer[] {
    const offers: OutstandingOffer[] = [];
    for (let at = holding.newestOffer; at !== null; at = at.#older) offers.push(at);
    return offers.reverse();
  }
}

/** Offers, the oldest first. */
export const byAge = (offers: readonly OutstandingOffer[]): OutstandingOffer[] =>
  offers.toSorted((a, b) => a.number - b.number);
