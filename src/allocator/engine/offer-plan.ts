import { chop } from '../resources/chop.ts';
import type { Amounts, QuotaBook } from '../roles/quota-book.ts';
import { Holds, Resources, type Item } from '../resources/resource-bundle.ts';
import { isWithin } from '../roles/role-path.ts';
import type { AgentState, Membership, RoleAccount } from './state.ts';

/** What could be offered of an agent under a role to frameworks of like capabilities. */
export interface OfferPlan {
  readonly offer: Resources;
  /** Plain scalars of the offer that count towards the role's guarantee; none in the second stage. */
  readonly guaranteed: readonly Item[];
  /** The other plain scalars. */
  readonly extra: readonly Item[];
}

const NONE: readonly Item[] = [];

/** What an agent has for a role: free, and unreserved or reserved for it or a role above; each shared thing once a run. */
export function viewOf(agent: AgentState, role: RoleAccount): Resources {
  let view = agent.available;
  if ((view.flags & Holds.reserved) !== 0) {
    const { path } = role;
    const some = view.items.some(({ kind }) => kind.reservedTo !== '' && isWithin(path, kind.reservedTo));
    view = some
      ? view.filter((kind) => kind.reservedTo === '' || isWithin(path, kind.reservedTo))
      : view.unreserved;
  }
  return agent.sharedOffered.isEmpty ? view : view.minus(agent.sharedOffered);
}

/** Without what a framework cannot be offered. @param barred bits of {@link Holds} */
export function withoutBarred(view: Resources, barred: number): Resources {
  if ((view.flags & barred) === 0) return view;
  return view.filter(
    (kind) =>
      !(
        (kind.shared && (barred & Holds.shared) !== 0) ||
        (kind.revocable && (barred & Holds.revocable) !== 0) ||
        (kind.reservations.length > 1 && (barred & Holds.refined) !== 0)
      ),
  );
}

/**
 * An offer of the first stage: plain scalars up to what the guarantee lacks, headroom or not; with them all that is
 * reserved for the role, what is not scalar or revocable, and as much of the other plain scalars as limit and
 * headroom permit. null when nothing of it would serve the guarantee.
 */
export function planGuarantee(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  view: Resources,
  unsatisfied: Amounts,
  lot: number,
): OfferPlan | null {
  const { plain } = view;
  const guaranteed = chop(plain.items, [...unsatisfied], 0, lot);
  if (guaranteed.length === 0) return null;
  const towards = Resources.of(guaranteed);
  let extra = plain.minus(towards).items;
  const room = book.limitRoom(role);
  if (room !== null) {
    for (const { kind, amount } of guaranteed) {
      const left = room[kind.column];
      if (left !== undefined) room[kind.column] = Math.max(0, left - amount);
    }
    extra = chop(extra, room, Infinity, lot);
  }
  extra = withinSurplus(book, extra, lot);
  const along = view.filter(
    (kind) => kind.reservedTo === role.path || kind.type !== 'scalar' || kind.revocable,
  );
  return { offer: along.plus(towards).plus(Resources.of(extra)), guaranteed, extra };
}

/** An offer of the second stage: all that there is, plain scalars as far as limit and headroom permit. */
export function planShare(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  view: Resources,
  lot: number,
): OfferPlan {
  const all = view.plain.items;
  let extra = all;
  if (!book.isEmpty) {
    const room = book.limitRoom(role);
    if (room !== null) extra = chop(extra, room, Infinity, lot);
    extra = withinSurplus(book, extra, lot);
  }
  if (extra === all) return { offer: view, guaranteed: NONE, extra };
  const along = view.filter((kind) => !kind.plain);
  return { offer: along.plus(Resources.of(extra)), guaranteed: NONE, extra };
}

function withinSurplus(book: QuotaBook<Membership>, extra: readonly Item[], lot: number): readonly Item[] {
  if (extra.length === 0) return extra;
  const surplus = book.surplus();
  return surplus === null ? extra : chop(extra, surplus, 0, lot);
}
