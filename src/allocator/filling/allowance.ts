import { addAt } from '../resources/amounts.ts';
import type { Counted } from '../resources/resource-bundle.ts';
import type { Member } from '../roles/accounts.ts';
import type { Amounts, QuotaBook } from '../roles/quota-book.ts';
import type { RoleState } from '../roles/role-tree.ts';

/** Guarantees come first, then everybody's fair share; last, what gives way to all others. */
export type Stage = 'guarantees' | 'shares' | 'revocables';

/** Why quota keeps tasks out of room that is there. Amounts are those of one column. */
export type Refusal =
  | {
      readonly kind: 'limit';
      readonly column: number;
      /** Path of the role whose limit it is. */
      readonly role: string;
      readonly limit: number;
      readonly used: number;
      readonly needs: number;
    }
  | {
      readonly kind: 'headroom';
      readonly column: number;
      readonly free: number;
      /** For guarantees that are not met. */
      readonly kept: number;
      readonly needs: number;
    };

/** Of each item of a bundle, what a place has reserved for the role and free; null = nothing of any. */
export type Reserved = readonly number[] | null;

/** What a role may take of the headroom in one turn, by column; absent = any. */
export interface HeadroomPart {
  /** What is free of it, and what the guarantee of the role lacks. */
  readonly left: Amounts;
  /** By how much more is kept than there is: so much of a guarantee can not be met from the headroom. */
  readonly short: Amounts;
  /** Of which columns nothing is kept for others: as much may be taken as there is, or is made free. */
  readonly unkept: readonly boolean[];
}

/**
 * What quota lets one role take in one turn: what its limit and those above it leave, and in the first stage what
 * the guarantee lacks plus what is free of the headroom, in the second only what is free of it. What comes out of
 * the role's own reservations is not counted again. A place apart is one that is not counted in the headroom: what is
 * taken there counts against limits and towards the guarantee alone.
 */
export class Allowance {
  /** Plain amounts that may be taken anywhere, by column; absent = any; null = no quota has a say. */
  readonly #left: Amounts | null;
  /** Null = no headroom is required. */
  readonly #headroom: HeadroomPart | null;
  /** What the guarantee lacks, by column; null in the second stage. */
  readonly #lacking: Amounts | null;
  readonly #spent: number[] = [];
  readonly #spentApart: number[] = [];
  readonly #explain: (column: number, spent: number, needs: number, apart: number) => Refusal;

  constructor(
    left: Amounts | null,
    lacking: Amounts | null,
    explain: (column: number, spent: number, needs: number, apart: number) => Refusal,
    headroom: HeadroomPart | null = null,
  ) {
    this.#left = left;
    this.#lacking = lacking;
    this.#explain = explain;
    this.#headroom = headroom;
  }

  /** Whether it is of the first stage. */
  get isForGuarantee(): boolean {
    return this.#lacking !== null;
  }

  /** Plain amounts that were spent, by column. */
  get spent(): readonly number[] {
    return this.#spent;
  }

  /** The part of them that was spent in places apart, by column. */
  get spentApart(): readonly number[] {
    return this.#spentApart;
  }

  /** Whether one more bundle has a turn in this stage: in the first it takes something of what is lacking. */
  counts(items: readonly Counted[]): boolean {
    const lacking = this.#lacking;
    return (
      lacking === null || items.some(({ kind, amount }) => amount > 0 && (lacking[kind.column] ?? 0) > 0)
    );
  }

  /** How many bundles, `most` at most, have a turn in one place before one does not count any more. */
  counted(items: readonly Counted[], most: number, reserved: Reserved): number {
    const lacking = this.#lacking;
    if (lacking === null) return most;
    let counted = 0;
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      const lack = lacking[kind.column] ?? 0;
      if (amount <= 0 || lack <= 0) continue;
      counted = Math.max(counted, Math.ceil((lack + (reserved?.[i] ?? 0)) / amount));
    }
    return Math.min(most, counted);
  }

  /** How many bundles, `most` at most, may be taken in one place. */
  fit(items: readonly Counted[], most: number, reserved: Reserved, apart = false): number {
    if (this.#left === null) return most;
    let fit = most;
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      const room = this.#room(kind.column, apart);
      if (room === undefined || amount <= 0) continue;
      fit = Math.min(fit, Math.floor((room + (reserved?.[i] ?? 0)) / amount));
    }
    return fit;
  }

  /** Takes bundles out of what may be taken. */
  spend(items: readonly Counted[], times: number, reserved: Reserved, apart = false): void {
    const left = this.#left;
    if (left === null) return;
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      const { column } = kind;
      const plain = Math.max(0, times * amount - (reserved?.[i] ?? 0));
      addAt(this.#spent, column, plain);
      if (left[column] !== undefined) left[column] -= plain;
      const lack = this.#lacking?.[column];
      if (apart) {
        addAt(this.#spentApart, column, plain);
        this.#meetApart(column, Math.min(plain, Math.max(0, lack ?? 0)));
      } else if (this.#headroom?.left[column] !== undefined) {
        this.#headroom.left[column] -= plain;
      }
      if (lack !== undefined) this.#lacking![column] = lack - plain;
    }
  }

  /**
   * From now on room is taken that is only being made free: where nothing of a column is kept for others, what is free of
   * it now is no bound.
   */
  lookAhead(): void {
    const headroom = this.#headroom;
    headroom?.unkept.forEach((isUnkept, column) => {
      if (isUnkept) headroom.left[column] = undefined;
    });
  }

  /** Why one more bundle is not allowed; undefined when it is. */
  refusal(items: readonly Counted[], reserved: Reserved, apart = false): Refusal | undefined {
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      const needs = Math.max(0, amount - (reserved?.[i] ?? 0));
      const room = this.#room(kind.column, apart);
      if (room !== undefined && needs > room) {
        const { column } = kind;
        return this.#explain(column, this.#spent[column] ?? 0, needs, this.#spentApart[column] ?? 0);
      }
    }
    return undefined;
  }

  #room(column: number, apart: boolean): number | undefined {
    const left = this.#left?.[column];
    const headroom = apart ? undefined : this.#headroom?.left[column];
    return left === undefined || headroom === undefined ? (left ?? headroom) : Math.min(left, headroom);
  }

  /** What was lacking is met in a place apart: no more is kept for it, and no more may be taken for it where it is kept. */
  #meetApart(column: number, met: number): void {
    const short = Math.min(met, this.#headroom?.short[column] ?? 0);
    if (short === 0) return;
    const { left, short: all } = this.#headroom!;
    all[column]! -= short;
    if (left[column] !== undefined) left[column] -= short;
  }
}

const UNLIMITED = new Allowance(null, null, () => {
  throw new RangeError('an unlimited allowance refuses nothing');
});

/** What quota lets a role take now. */
export function allowanceOf<M extends Member<M>>(
  book: QuotaBook<M>,
  role: RoleState<M>,
  stage: Stage,
): Allowance {
  const lacking = stage === 'guarantees' ? book.unsatisfied(topOf(role)) : null;
  const limits = book.limitRoom(role);
  // What is revocable keeps nobody from a guarantee.
  const surplus = stage === 'revocables' ? null : book.surplus();
  if (lacking === null && limits === null && surplus === null && !countsSomewhere(role)) return UNLIMITED;
  const explain = (column: number, spent: number, needs: number, apart: number): Refusal => {
    const limit = book.limitAgainst(role, column, spent + needs);
    if (limit !== null) return { kind: 'limit', column, needs, ...limit, used: limit.used + spent };
    const { free, kept } = book.headroom(column, lacking === null ? null : topOf(role));
    return { kind: 'headroom', column, free: Math.max(0, free - (spent - apart)), kept, needs };
  };
  const own = lacking === null ? null : topOf(role);
  return new Allowance(limits ?? [], lacking, explain, headroomPart(book, surplus, lacking, own));
}

function headroomPart<M extends Member<M>>(
  book: QuotaBook<M>,
  surplus: Amounts | null,
  lacking: Amounts | null,
  own: RoleState<M> | null,
): HeadroomPart | null {
  if (surplus === null) return null;
  const short = surplus.map((_, column) => {
    const { free, kept } = book.headroom(column, null);
    return Math.max(0, kept - free);
  });
  const unkept = surplus.map((_, column) => book.headroom(column, own).kept === 0);
  return { left: surplus.map((free, column) => free! + (lacking?.[column] ?? 0)), short, unkept };
}

/** Whether what a role takes counts against a quota, its own or that of a role above it. */
function countsSomewhere<M>(role: RoleState<M>): boolean {
  for (let at: RoleState<M> | null = role; at !== null; at = at.parent) if (at.quota !== null) return true;
  return false;
}

/** The top-level role above a role, or itself: whose guarantee is for it too. */
export function topOf<M>(role: RoleState<M>): RoleState<M> {
  let top = role;
  while (top.parent !== null) top = top.parent;
  return top;
}
