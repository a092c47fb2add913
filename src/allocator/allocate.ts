import { atOnce, type Steps } from '../lib/steps.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { allowanceOf, topOf } from './filling/allowance.ts';
import { fillInSteps } from './filling/fill.ts';
import { FrameworkBidder } from './placing/framework-bidder.ts';
import { OfferDesk, type Offered } from './placing/offer-desk.ts';
import type { AnswerOffers } from './placing/offer.ts';
import { openAccounts } from './placing/open-accounts.ts';
import { keepForReturning } from './placing/returning.ts';
import { starving } from './placing/starving.ts';
import { NominationDesk, type Eviction, type Nomination } from './preemption/nomination-desk.ts';
import { QuotaBook } from './roles/quota-book.ts';
import { Room } from './room/room.ts';

export type { Eviction, Nomination } from './preemption/nomination-desk.ts';

/** What one run of the allocator decided. */
export interface Allocation extends Offered {
  /** By agent and class, each once. */
  readonly nominations: readonly Nomination[];
  readonly evictions: readonly Eviction[];
  /** For each framework, by number, that had no room lately because of a PodDisruptionBudget, what the API server said. */
  readonly blocked: ReadonlyMap<number, string>;
}

/**
 * The allocator as the operator's cycle uses it: progressive filling of what the snapshot has pending. Room is found
 * on agents in the order of each class, and offered to the framework at once; a gang is offered all its tasks or none.
 * Who finds none is nominated for room that is being freed, or has others evicted whom it comes before.
 * The run ends when nobody who wants something finds room that quota lets it have. No draw of lots: the same snapshot
 * gives the same allocation.
 * @param answer the frameworks' accept functions
 */
export const allocate = (snapshot: Snapshot, matrices: Matrices, answer: AnswerOffers): Allocation =>
  atOnce(allocateInSteps(snapshot, matrices, answer));

/** The same in steps, a turn or so each. */
export function* allocateInSteps(
  snapshot: Snapshot,
  matrices: Matrices,
  answer: AnswerOffers,
): Steps<Allocation> {
  const room = new Room(snapshot, matrices);
  const desk = new OfferDesk(room, answer);
  const accounts = openAccounts<FrameworkBidder>(snapshot);
  const book = new QuotaBook(accounts);
  const nominationDesk = new NominationDesk(room, accounts, book);
  const bidders = [...pendingRows(snapshot, matrices)].map(
    ([framework, rows]) =>
      new FrameworkBidder(snapshot.frameworks[framework]!, rows, accounts, desk, nominationDesk),
  );
  book.begin();
  yield;
  for (const bidder of inOrderOfRenewal(bidders, nominationDesk, book)) {
    serveFirst(bidder, book, () => bidder.renewals());
    yield;
  }
  keepForReturning(room, nominationDesk, bidders, book);
  yield;
  for (const bidder of starving(bidders, room)) {
    serveFirst(bidder, book, () => bidder.keeps());
    yield;
  }
  yield* fillInSteps(accounts, book, bidders);
  nominationDesk.reprieve();
  const { places, nominations, evictions, blocked } = nominationDesk;
  return { ...desk.end(places), nominations, evictions, blocked };
}

/**
 * Who renews nominations: first those from whom nobody takes any over, in the order in which they got them. They renew their own
 * alone: what they take over themselves could cost the next one its nomination. Then, from the highest priority down, those
 * who take over nominations of that priority get these, and those from whom they are taken keep what is left: who is to
 * take over may not fit, and then nobody of less priority comes before the nomination.
 */
function* inOrderOfRenewal(
  bidders: readonly FrameworkBidder[],
  nominationDesk: NominationDesk<FrameworkBidder>,
  book: QuotaBook<FrameworkBidder>,
): Iterable<FrameworkBidder> {
  const safe: FrameworkBidder[] = [];
  const outranked: { readonly nominee: FrameworkBidder; readonly heirs: readonly FrameworkBidder[] }[] = [];
  for (const [framework, rows] of nominationDesk.nominees) {
    const nominee = bidders.find((each) => each.framework === framework);
    if (!nominee) continue;
    const heirs = bidders.filter((heir) => heir !== nominee && inherits(heir, rows, book));
    if (heirs.length === 0) safe.push(nominee);
    else outranked.push({ nominee, heirs });
  }
  yield* safe;
  outranked.sort((a, b) => b.nominee.priority - a.nominee.priority);
  for (const level of Map.groupBy(outranked, ({ nominee }) => nominee.priority).values()) {
    for (const heir of new Set(level.flatMap(({ heirs }) => heirs))) {
      heir.takeOver();
      yield heir;
    }
    for (const { nominee } of level) yield nominee;
  }
}

/**
 * Whether a framework takes over nominations of another one, since it could evict the tasks that they are for.
 * @param rows of that one
 */
function inherits(heir: FrameworkBidder, rows: readonly number[], book: QuotaBook<FrameworkBidder>): boolean {
  if (heir.revocable) return false;
  const { role } = heir;
  const lacks = book.unsatisfied(topOf(role)).length > 0;
  return heir.inherit(rows, lacks ? allowanceOf(book, role, 'guarantees') : undefined);
}

/**
 * Who was nominated in the last cycle comes before everybody else but those who could evict it, for as much as that:
 * others went for it. Then comes who starves. What they get counts as in the stage in which they would be served.
 */
function serveFirst(
  bidder: FrameworkBidder,
  book: QuotaBook<FrameworkBidder>,
  bids: () => ReturnType<FrameworkBidder['renewals']>,
): void {
  const { role } = bidder;
  for (const stage of ['guarantees', 'shares'] as const) {
    if (stage === 'guarantees' && book.unsatisfied(topOf(role)).length === 0) continue;
    for (const bid of bids()) {
      const allowance = allowanceOf(book, role, stage);
      if (!allowance.counts(bid.bundle.items)) continue;
      if (bidder.take(bid, bid.most, allowance)) book.spend(role, allowance.spent, allowance.spentApart);
    }
  }
}

/** Rows with pending tasks that take offers, of each framework by number. */
function pendingRows(snapshot: Snapshot, { classes }: Matrices): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  classes.forEach(({ framework, pending, hold }, row) => {
    if (pending.length === 0 || hold || snapshot.frameworks[framework]!.hold) return;
    const known = rows.get(framework);
    if (known) known.push(row);
    else rows.set(framework, [row]);
  });
  return rows;
}
