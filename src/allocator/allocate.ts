import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Allocation } from './allocation.ts';
import { fill } from './filling/fill.ts';
import type { AnswerOffers } from './offer.ts';
import { FrameworkBidder } from './placing/framework-bidder.ts';
import { OfferDesk } from './placing/offer-desk.ts';
import { openAccounts } from './placing/open-accounts.ts';
import { QuotaBook } from './roles/quota-book.ts';

export type { Allocation, QuotaRefusal } from './allocation.ts';

/**
 * The allocator as the operator's cycle uses it: progressive filling of what the snapshot has pending. Room is found
 * on agents in the order of each class, and offered to the framework at once; a gang is offered all its tasks or none.
 * The run ends when nobody who wants something finds room that quota lets it have. No draw of lots: the same snapshot
 * gives the same allocation.
 * @param answer the frameworks' accept functions
 */
export function allocate(snapshot: Snapshot, matrices: Matrices, answer: AnswerOffers): Allocation {
  const desk = new OfferDesk(snapshot, matrices, answer);
  const accounts = openAccounts<FrameworkBidder>(snapshot, desk.bundles);
  const bidders = [...pendingRows(snapshot, matrices)].map(
    ([framework, rows]) => new FrameworkBidder(snapshot.frameworks[framework]!, rows, accounts, desk),
  );
  const book = new QuotaBook(accounts);
  book.begin();
  fill(accounts, book, bidders);
  return desk.allocation;
}

/** Rows with pending tasks of each framework, by number, that takes offers. */
function pendingRows(snapshot: Snapshot, { classes }: Matrices): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  classes.forEach(({ framework, pending }, row) => {
    if (pending.length === 0 || snapshot.frameworks[framework]!.hold) return;
    const known = rows.get(framework);
    if (known) known.push(row);
    else rows.set(framework, [row]);
  });
  return rows;
}
