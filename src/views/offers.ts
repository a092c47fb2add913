import type { OfferRecord } from '../allocator/placing/offer.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { AmountTexts } from './amounts.ts';
import { limited, type Shown } from './limit.ts';

/** One offer and its answer, in words. */
export interface OfferView {
  readonly id: string;
  /** When the cycle that made it began, RFC 3339 with milliseconds. */
  readonly at: string;
  /** gsp/namespace/name or tj/namespace/name. */
  readonly framework: string;
  /** Worker group; empty for a pool. */
  readonly group: string;
  readonly role: string;
  readonly node: string;
  /** How many tasks it has room for. */
  readonly tasks: number;
  /** What it holds for all its tasks together. */
  readonly resources: AmountTexts;
  readonly hostPorts: readonly number[];
  readonly answer: OfferRecord['answer'];
  /** Why it was declined; empty when it was accepted. */
  readonly reason: string;
}

/** What /debug/offers serves. */
export interface OffersView {
  readonly count: Shown;
  /** Newest first. */
  readonly offers: readonly OfferView[];
}

/** Puts the offers of one cycle into words, with the snapshot that they were made from. */
export function offerViews(records: readonly OfferRecord[], snapshot: Snapshot): OfferView[] {
  const at = new Date(snapshot.now).toISOString();
  return records.map(({ offer, answer, reason }) => {
    const { demandClass, tasks } = offer;
    const resources: Record<string, string> = {};
    for (const name of snapshot.columns.names) {
      const amount = demandClass.shape.demand[name];
      if (amount) resources[name] = formatAmount(name, amount * tasks);
    }
    return {
      id: offer.id,
      at,
      framework: shownId(snapshot.frameworks[offer.framework]!.id),
      group: demandClass.group,
      role: offer.role,
      node: snapshot.agents[offer.agent]!.name,
      tasks,
      resources,
      hostPorts: offer.ports,
      answer,
      reason,
    };
  });
}

/** The last offers, newest first. @param entries newest last */
export function offersView(
  entries: readonly OfferView[],
  { framework, limit }: { readonly framework?: string | undefined; readonly limit: number },
): OffersView {
  const wanted = framework === undefined ? entries : entries.filter((entry) => entry.framework === framework);
  const { items, count } = limited(wanted.toReversed(), limit);
  return { count, offers: items };
}
