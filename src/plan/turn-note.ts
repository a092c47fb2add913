import { membersInTurn, rolesInTurn, weightedShares } from '../allocator/turns.ts';
import { percent } from '../lib/figures.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';

/**
 * Says how far frameworks are from their turn when several wait for room: who comes before them, and the share of their
 * role that decides it. Revocable ones come after all others.
 * @param takesPart whether a framework waits for offers, and could take one when its turn comes
 * @returns for each framework the end of a sentence, empty when nobody else waits
 */
export function turnNotes(
  snapshot: Snapshot,
  takesPart: (framework: Framework) => boolean,
): (framework: Framework) => string {
  const shares = weightedShares(snapshot);
  const waiting = rolesInTurn(snapshot.roles, shares)
    .flatMap((role) => membersInTurn(snapshot, role))
    .filter(takesPart)
    .sort((a, b) => Number(a.revocable) - Number(b.revocable));
  const place = new Map(waiting.map(({ index }, at) => [index, at]));
  return ({ index, rolePath }) => {
    const at = place.get(index);
    if (at === undefined || waiting.length === 1) return '';
    const share = `role ${rolePath} holds ${percent(shares.get(rolePath)!)} by weight`;
    if (at === 0) return `; its turn comes first of ${waiting.length} that wait: ${share}`;
    const more = at === 1 ? '' : ` and ${at - 1} more`;
    return `; its turn comes after ${shownId(waiting[0]!.id)}${more}: ${share}`;
  };
}
