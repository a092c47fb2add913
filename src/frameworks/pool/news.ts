import { CONDITION, REASON } from '../../api/conditions.ts';
import type { GameServerPoolStatus } from '../../api/gameserverpool.ts';
import { boundedText, listed } from '../../lib/bounded-text.ts';
import type { News } from '../../plan/telling.ts';
import type { PoolFound } from './found.ts';

const isSpent = ({ conditions = [] }: GameServerPoolStatus): boolean =>
  conditions.some(({ type, reason }) => type === CONDITION.placed && reason === REASON.crashes);

/**
 * What people hear of a pool, beside what is told of its single servers when they are made and deleted.
 * @param before its status as the API server has it
 * @param after as it will be
 */
export function poolNews(
  before: GameServerPoolStatus,
  after: GameServerPoolStatus,
  { unhealthy }: PoolFound,
): News[] {
  const news: News[] = [];
  if (unhealthy.length > (before.unhealthyReplicas ?? 0)) {
    const note = boundedText(`not well, and kept: ${listed(unhealthy)}`);
    news.push({ type: 'Warning', reason: 'Unhealthy', action: 'Keep', note });
  }
  if (isSpent(after) && !isSpent(before))
    news.push({ type: 'Warning', reason: REASON.crashes, action: 'Hold', note: after.message ?? '' });
  return news;
}
