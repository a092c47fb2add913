import { sumsOf } from '../resources/amounts.ts';
import { chop } from '../resources/chop.ts';
import { cutUnmeasured, evenCut, type EvenCut } from '../resources/even-cut.ts';
import type { Amounts, QuotaBook } from '../roles/quota-book.ts';
import { Holds, Resources, type Item } from '../resources/resource-bundle.ts';
import { isWithin } from '../../lib/role-path.ts';
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
 * @param even whether what quota cuts is cut evenly, see {@link evenCutOf}
 */
export function planGuarantee(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  view: Resources,
  unsatisfied: Amounts,
  lot: number,
  even: boolean,
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
  }
  const along = view.filter(
    (kind) => kind.reservedTo === role.path || kind.type !== 'scalar' || kind.revocable,
  );
  const surplus = book.surplus();
  const cut = even ? evenCutOf(book, role, plain, guaranteed, room, surplus) : null;
  if (cut !== null) {
    const kept = sumsOf(guaranteed);
    extra = chop(
      extra,
      cut.amounts.map((amount, column) => Math.max(0, amount - (kept[column] ?? 0))),
      0,
      lot,
    );
    return {
      offer: cutUnmeasured(along, cut.part).plus(towards).plus(Resources.of(extra)),
      guaranteed,
      extra,
    };
  }
  if (room !== null) extra = chop(extra, room, Infinity, lot);
  if (surplus !== null) extra = chop(extra, surplus, 0, lot);
  return { offer: along.plus(towards).plus(Resources.of(extra)), guaranteed, extra };
}

/**
 * An offer of the second stage: all that there is, plain scalars as far as limit and headroom permit.
 * @param even whether what quota cuts is cut evenly, see {@link evenCutOf}
 */
export function planShare(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  view: Resources,
  lot: number,
  even: boolean,
): OfferPlan {
  const { plain } = view;
  let extra = plain.items;
  if (!book.isEmpty) {
    const room = book.limitRoom(role);
    const surplus = book.surplus();
    const cut = even ? evenCutOf(book, role, plain, NONE, room, surplus) : null;
    if (cut !== null) {
      extra = chop(extra, [...cut.amounts], 0, lot);
      const along = cutUnmeasured(
        view.filter((kind) => !kind.plain),
        cut.part,
      );
      return { offer: along.plus(Resources.of(extra)), guaranteed: NONE, extra };
    }
    if (room !== null) extra = chop(extra, room, Infinity, lot);
    if (surplus !== null) extra = chop(extra, surplus, 0, lot);
  }
  if (extra === plain.items) return { offer: view, guaranteed: NONE, extra };
  const along = view.filter((kind) => !kind.plain);
  return { offer: along.plus(Resources.of(extra)), guaranteed: NONE, extra };
}

/**
 * What quota lets a role have of an agent, evenly over all its plain scalars. What serves a guarantee is never cut, and
 * a name that the role must not have at all (its limit is 0) has no say.
 * @param room what limits leave beyond the guaranteed, absent = any @param surplus what the headroom leaves, null = any
 * @returns null when nothing is to be cut
 */
function evenCutOf(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  { items }: Resources,
  guaranteed: readonly Item[],
  room: Amounts | null,
  surplus: Amounts | null,
): EvenCut | null {
  if (room === null && surplus === null) return null;
  const kept = sumsOf(guaranteed);
  const most = (column: number): number =>
    (kept[column] ?? 0) +
    Math.min(room?.[column] ?? Infinity, surplus === null ? Infinity : (surplus[column] ?? 0));
  return evenCut(items, most, (column) => book.forbids(role, column));
}
