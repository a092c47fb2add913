import { formatResources, Resources } from '../allocator/resources/resources.ts';
import type { InverseOffer, Offer } from '../allocator/engine/outcome.ts';
import type { Difference } from './report.ts';

/** Offers by framework, role and agent, as a step `expect` writes them. */
export type OfferMap = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Resources>>>>>
>;
/** Inverse offers by framework: agents as a list or as the keys of a map. */
export type InverseOfferMap = Readonly<Record<string, readonly string[] | Readonly<Record<string, unknown>>>>;

/** What was offered since one last asked, to be held against what should have been. */
export class OfferLedger {
  #offers = new Map<string, Resources>();
  #inverse = new Map<string, number>();

  add(offers: readonly Offer[], inverseOffers: readonly InverseOffer[]): void {
    for (const { framework, role, agent, resources } of offers) {
      const key = offerName(framework, role, agent);
      this.#offers.set(key, (this.#offers.get(key) ?? Resources.empty).plus(resources));
    }
    for (const { framework, agent } of inverseOffers) {
      const key = inverseName(framework, agent);
      this.#inverse.set(key, (this.#inverse.get(key) ?? 0) + 1);
    }
  }

  /** Compares with what is expected, and starts anew. */
  settle(offers: OfferMap, inverseOffers: InverseOfferMap): Difference[] {
    const differences = [
      ...compareOffers(flatOffers(offers), this.#offers),
      ...compareInverse(flatInverse(inverseOffers), this.#inverse),
    ];
    this.#offers = new Map();
    this.#inverse = new Map();
    return differences;
  }
}

const offerName = (framework: string, role: string, agent: string): string =>
  `offer to ${framework} as ${role} on ${agent}`;
const inverseName = (framework: string, agent: string): string =>
  `inverse offer to ${framework} for ${agent}`;

function flatOffers(map: OfferMap): Map<string, Resources> {
  const flat = new Map<string, Resources>();
  for (const [framework, roles] of Object.entries(map)) {
    for (const [role, agents] of Object.entries(roles)) {
      for (const [agent, resources] of Object.entries(agents)) {
        if (!resources.isEmpty) flat.set(offerName(framework, role, agent), resources);
      }
    }
  }
  return flat;
}

function flatInverse(map: InverseOfferMap): Set<string> {
  const flat = new Set<string>();
  for (const [framework, agents] of Object.entries(map)) {
    for (const agent of Array.isArray(agents) ? agents : Object.keys(agents)) {
      flat.add(inverseName(framework, String(agent)));
    }
  }
  return flat;
}

function compareOffers(
  expected: ReadonlyMap<string, Resources>,
  made: ReadonlyMap<string, Resources>,
): Difference[] {
  const missing: Difference[] = [];
  const other: Difference[] = [];
  for (const [of, wanted] of expected) {
    const got = made.get(of);
    const texts = { of, expected: formatResources(wanted), found: '', detail: '' };
    if (got === undefined) missing.push({ what: 'missing', ...texts });
    else if (!got.equals(wanted)) {
      const more = formatResources(got.minus(wanted));
      const less = formatResources(wanted.minus(got));
      const detail = [more && `${more} too much`, less && `${less} too little`].filter(Boolean).join(', ');
      other.push({ what: 'other', ...texts, found: formatResources(got), detail });
    }
  }
  const unexpected = [...made]
    .filter(([of]) => !expected.has(of))
    .map(([of, got]): Difference => {
      return { what: 'unexpected', of, expected: '', found: formatResources(got), detail: '' };
    });
  return [...missing, ...unexpected, ...other];
}

function compareInverse(expected: ReadonlySet<string>, made: ReadonlyMap<string, number>): Difference[] {
  const missing = [...expected]
    .filter((of) => !made.has(of))
    .map((of): Difference => ({ what: 'missing', of, expected: 'once', found: '', detail: '' }));
  const unexpected = [...made.keys()]
    .filter((of) => !expected.has(of))
    .map((of): Difference => ({ what: 'unexpected', of, expected: '', found: 'made', detail: '' }));
  return [...missing, ...unexpected];
}
