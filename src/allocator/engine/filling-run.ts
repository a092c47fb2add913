import { Prng } from '../../lib/prng.ts';
import { fill } from '../filling/fill.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import { AgentBidder } from './agent-bidder.ts';
import type { Cluster } from './cluster.ts';
import { DemandBidder } from './demand-bidder.ts';
import { Drafts } from './drafts.ts';
import type { AgentState, Membership, OutstandingOffer } from './state.ts';

/**
 * An allocation run while some framework declares what it wants: progressive filling, task by task. Those that
 * declare nothing take part with one whole agent a turn.
 * @param agents candidates that may be offered, ascending by id @returns the offers in the order of their making
 */
export function runFilling(
  cluster: Cluster,
  book: QuotaBook<Membership>,
  agents: readonly AgentState[],
): readonly OutstandingOffer[] {
  const run = ++cluster.runs;
  const { seed } = cluster.options;
  const order = new Prng(seed, run).shuffle([...agents]);
  const drafts = new Drafts(cluster);
  const members = [...cluster.frameworks.values()]
    .flatMap(({ memberships }) => [...memberships.values()])
    .filter(({ offered }) => offered);
  book.begin();
  const bidders = members.map((member) =>
    member.demand === null
      ? new AgentBidder(cluster, book, run, member, order, drafts)
      : new DemandBidder(cluster, member, order, drafts),
  );
  fill(cluster.accounts, book, bidders, seed, run);
  book.end();
  return drafts.end();
}
