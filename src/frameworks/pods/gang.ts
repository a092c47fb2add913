import { REASON } from '../../api/conditions.ts';
import { CUSTOMER_LABEL } from '../../api/group.ts';
import { boundedText, listed } from '../../lib/bounded-text.ts';
import { unsupportedHold } from '../../snapshot/class.ts';
import type { CustomerPod, WaitingPod } from '../../snapshot/customer-groups.ts';
import type { Hold } from '../../snapshot/hold.ts';

/** Which waiting Pods of a framework have their turn. */
export interface Turns {
  /** Those that are to be placed now. */
  readonly now: readonly WaitingPod[];
  /** All of those or none. */
  readonly whole: boolean;
  /** Those without whom the gang starts. */
  readonly later: readonly WaitingPod[];
  /** Why none is placed. */
  readonly hold?: Hold;
}

/**
 * How many members of the gang's present run are bound or done. It is the run of those who wait or run and are not on
 * their way out: who is done belongs to it while its owner has such members, or when it was there together with one that
 * runs. Who failed or leaves does not count.
 */
function startedMembers(members: readonly CustomerPod[]): number {
  const present = members.filter(({ terminal, deleting }) => !terminal && !deleting);
  const running = present.filter(({ node }) => node !== undefined);
  const owners = new Set(present.map(({ customer }) => customer.owner).filter((owner) => owner !== ''));
  const since = running.reduce((first, { createdAt }) => Math.min(first, createdAt), Infinity);
  const done = members.filter(
    ({ phase, customer: { owner, endedAt } }) =>
      phase === 'Succeeded' && (owners.has(owner) || endedAt > since),
  );
  return running.length + done.length;
}

/**
 * Whose turn it is in a gang.
 * @param min members that run together
 * @param members in order @param sound those of them that wait and can be placed @param unsound that wait and cannot
 * @param apart roles that members of the same name draw on beside this one's
 */
export function turnsOfGang(
  min: number,
  members: readonly CustomerPod[],
  sound: readonly WaitingPod[],
  unsound: readonly WaitingPod[],
  apart: readonly string[],
): Turns {
  const lacking = min - startedMembers(members);
  const message = gangTrouble(min, lacking, sound, unsound, apart);
  if (message !== undefined)
    return {
      now: sound,
      whole: true,
      later: [],
      hold: { reason: REASON.gang, message: boundedText(message) },
    };
  if (lacking <= 0) return { now: sound, whole: false, later: [] };
  return { now: sound.slice(0, lacking), whole: true, later: sound.slice(lacking) };
}

/** Why a gang cannot start, whatever room there is; undefined when it can. */
function gangTrouble(
  min: number,
  lacking: number,
  sound: readonly WaitingPod[],
  unsound: readonly WaitingPod[],
  apart: readonly string[],
): string | undefined {
  const waiting = sound.length + unsound.length;
  // As when all are done: nobody is held.
  if (waiting === 0) return undefined;
  if (Number.isNaN(min))
    return `label ${CUSTOMER_LABEL.gangMin} must be the number of Pods that run together, such as 4`;
  if (waiting < lacking) {
    const others = listed(apart);
    const note = others && `; those that draw on other roles are gangs apart: ${others}`;
    return `${min - lacking + waiting} of the ${min} Pods of the gang exist${note}`;
  }
  if (sound.length >= lacking) return undefined;
  const { name, customer } = unsound[0]!;
  return `${name} of the gang cannot be placed: ${unsupportedHold([customer.shape])!.message}`;
}
