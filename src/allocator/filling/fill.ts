import { atOnce, type Steps } from '../../lib/steps.ts';
import { Marks, type Accounts, type Member } from '../roles/accounts.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import { allowanceOf, topOf, type Stage } from './allowance.ts';
import type { Bidder } from './bidder.ts';

/**
 * Progressive filling: dominant resource fairness at the granularity of tasks. Whose turn it is, the sorters say: the
 * role with the least share, in it the framework that comes first; it takes tasks until somebody else is due. As in
 * Mesos there are two stages. In the first only those take part whose top-level role lacks something of its
 * guarantee, with tasks that take something of that; in the second everybody, without the headroom that guarantees
 * still need. Limits hold in both. Then come those who give way to everybody else, and may have even that headroom. It
 * ends when nobody who wants something finds room that quota lets it have.
 *
 * Unlike in Mesos, a guarantee is for the frameworks of the whole subtree, so that nested roles can draw on it.
 *
 * Source: Ghodsi et al., "Dominant Resource Fairness" (NSDI 2011), algorithm 1; Mesos' hierarchical allocator.
 * @param book begun for this run
 * @param bidders members to whom offers can be made
 * @param keys name the run, for sorters that draw lots
 */
export function fill<M extends Member<M>>(
  accounts: Accounts<M>,
  book: QuotaBook<M>,
  bidders: readonly Bidder<M>[],
  ...keys: readonly number[]
): void {
  atOnce(fillInSteps(accounts, book, bidders, ...keys));
}

/** The same in steps, a turn each. */
export function* fillInSteps<M extends Member<M>>(
  accounts: Accounts<M>,
  book: QuotaBook<M>,
  bidders: readonly Bidder<M>[],
  ...keys: readonly number[]
): Steps<void> {
  const byMember = new Map(bidders.map((bidder) => [bidder.member, bidder]));
  const [revocable = [], firm = []] = [true, false].map((revoked) =>
    bidders.filter((bidder) => (bidder.revocable ?? false) === revoked),
  );
  const open = (stage: Stage): readonly Bidder<M>[] => {
    switch (stage) {
      case 'guarantees':
        return firm.filter(({ member }) => book.unsatisfied(topOf(member.role)).length > 0);
      case 'shares':
        return firm;
      case 'revocables':
        return revocable;
    }
  };
  for (const [at, stage] of STAGES.entries()) {
    if (stage === 'revocables' && revocable.length > 0) book.countRevocables();
    for (const { member } of open(stage)) accounts.setBidding(member, true);
    for (let turn = 0; ; turn++) {
      const member = nextMember(accounts, ...keys, at, turn);
      if (member === undefined) break;
      if (!serve(accounts, book, byMember.get(member)!, stage)) accounts.setBidding(member, false);
      yield;
    }
  }
}

const STAGES: readonly Stage[] = ['guarantees', 'shares', 'revocables'];

/** The member that comes next. */
function nextMember<M extends Member<M>>(accounts: Accounts<M>, ...keys: readonly number[]): M | undefined {
  const { roleSorter } = accounts;
  roleSorter.start(...keys);
  const role = roleSorter.next(Marks.bidding)?.payload;
  if (role === undefined) return undefined;
  role.sorter!.start(...keys, role.word);
  return role.sorter!.next(Marks.bidding)?.payload;
}

/** Serves a bidder until somebody else is due. @returns whether it may come again in this stage */
function serve<M extends Member<M>>(
  accounts: Accounts<M>,
  book: QuotaBook<M>,
  bidder: Bidder<M>,
  stage: Stage,
): boolean {
  const { role, client } = bidder.member;
  const allowance = allowanceOf(book, role, stage);
  const bid = bidder.next(allowance);
  if (bid === null) return false;
  let { most } = bid;
  if (most > 1) most = accounts.roleSorter.turn(role.client!, bid.bundle, most, Marks.bidding);
  if (most > 1) most = role.sorter!.turn(client, bid.bundle, most, Marks.bidding);
  if (bidder.take(bid, most, allowance)) book.spend(role, allowance.spent, allowance.spentApart);
  return bidder.next(allowance) !== null;
}
