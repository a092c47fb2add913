import { mix32 } from '../../lib/prng.ts';
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

/** Guarantees come first, then everybody's fair share. */
export type Stage = 1 | 2;

/** Names the draw of the order in which things of an agent that only come whole are tried. */
export const lotOf = (seed: number, run: number, stage: Stage, agent: AgentState): number =>
  mix32(mix32(mix32(seed, run), stage), agent.word);

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
  const guaranteed = chop(view.plain.items, [...unsatisfied], 0, lot);
  if (guaranteed.length === 0) return null;
  const towards = Resources.of(guaranteed);
  const { extra, part } = beyond(book, role, view.plain, towards, lot, even);
  const along = view.filter(
    (kind) => kind.reservedTo === role.path || kind.type !== 'scalar' || kind.revocable,
  );
  return { offer: cutUnmeasured(along, part).plus(towards).plus(Resources.of(extra)), guaranteed, extra };
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
  const { items } = view.plain;
  if (book.isEmpty) return { offer: view, guaranteed: NONE, extra: items };
  const { extra, part } = beyond(book, role, view.plain, Resources.empty, lot, even);
  if (extra === items) return { offer: view, guaranteed: NONE, extra };
  const along = view.filter((kind) => !kind.plain);
  return { offer: cutUnmeasured(along, part).plus(Resources.of(extra)), guaranteed: NONE, extra };
}

/**
 * The plain scalars beside the guaranteed ones, as far as limit and headroom permit, and the part to which what goes
 * along with them is cut.
 */
function beyond(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  plain: Resources,
  guaranteed: Resources,
  lot: number,
  even: boolean,
): { readonly extra: readonly Item[]; readonly part: number } {
  let extra = plain.minus(guaranteed).items;
  const room = book.limitRoom(role);
  if (room !== null) {
    for (const { kind, amount } of guaranteed.items) {
      const left = room[kind.column];
      if (left !== undefined) room[kind.column] = Math.max(0, left - amount);
    }
  }
  const surplus = book.surplus();
  const kept = sumsOf(guaranteed.items);
  const cut = even ? evenCutOf(book, role, plain, kept, room, surplus) : null;
  if (cut !== null) {
    const most = cut.amounts.map((amount, column) => Math.max(0, amount - (kept[column] ?? 0)));
    return { extra: chop(extra, most, 0, lot), part: cut.part };
  }
  if (room !== null) extra = chop(extra, room, Infinity, lot);
  if (surplus !== null) extra = chop(extra, surplus, 0, lot);
  return { extra, part: 1 };
}

/**
 * What quota lets a role have of an agent, evenly over all its plain scalars. What serves a guarantee is never cut, and
 * a name that the role must not have at all (its limit is 0) has no say.
 * @param kept the guaranteed, by column @param room what limits leave beyond it, absent = any
 * @param surplus what the headroom leaves, null = any
 * @returns null when nothing is to be cut
 */
function evenCutOf(
  book: QuotaBook<Membership>,
  role: RoleAccount,
  { items }: Resources,
  kept: readonly (number | undefined)[],
  room: Amounts | null,
  surplus: Amounts | null,
): EvenCut | null {
  if (room === null && surplus === null) return null;
  const most = (column: number): number =>
    (kept[column] ?? 0) +
    Math.min(room?.[column] ?? Infinity, surplus === null ? Infinity : (surplus[column] ?? 0));
  return evenCut(items, most, (column) => book.forbids(role, column));
}
