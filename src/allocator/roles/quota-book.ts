import { addAt } from '../resources/amounts.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import { Marks, type Accounts, type Member } from './accounts.ts';
import type { RoleState } from './role-tree.ts';

/** By column; absent means what the user of the list says. */
export type Amounts = (number | undefined)[];

const NOTHING: Amounts = [];

/**
 * What quota permits in the course of a run: how much each role has used up, what must be kept back so that
 * guarantees can still be met (the required headroom), and what is free of it. Between runs only the roles that
 * changed are counted anew.
 */
export class QuotaBook<M extends Member<M>> {
  readonly #accounts: Accounts<M>;
  /** Plain scalars free in the cluster, by column. */
  readonly #available: number[] = [];
  /** Sum of what all guarantees lack, as of the start of the run. */
  readonly #lacking: number[] = [];
  /** The same in the course of the run. */
  #required: number[] = [];
  /** What each role lacked at the start of the run. */
  readonly #lacks = new Map<RoleState<M>, Amounts>();
  /** Roles with an unsatisfied guarantee and a framework. */
  readonly #wanting = new Set<RoleState<M>>();
  #endSurplus: Amounts | null = null;
  /** For each column whether the cluster has something of it. */
  #existing = '';

  constructor(accounts: Accounts<M>) {
    this.#accounts = accounts;
  }

  /** Starts a run; notes in the accounts when something is permitted now that was not at the end of the last. */
  begin(): void {
    const { roles, totals } = this.#accounts;
    let grew = false;
    for (const role of roles.takeChangedQuotas()) {
      if (this.#recount(role)) grew = true;
    }
    if (this.isEmpty) {
      this.#required = [];
      return;
    }
    this.#required = [...this.#lacking];
    this.#countAvailable();
    const existing = totals.amounts.map((total) => (total > 0 ? '1' : '0')).join('');
    if (existing !== this.#existing) {
      this.#existing = existing;
      for (const role of roles.withQuota) this.#remark(role);
    }
    if (grew || this.#surplusGrew()) this.#accounts.room++;
  }

  /** Ends a run. */
  end(): void {
    this.#endSurplus = this.surplus();
  }

  /** Whether no role has a quota. */
  get isEmpty(): boolean {
    return this.#accounts.roles.withQuota.length === 0;
  }

  /** Whether any role has an unsatisfied guarantee and a framework. */
  get isWanting(): boolean {
    return this.#wanting.size > 0;
  }

  /** What a role lacks of its guarantee; of no length when nothing. */
  unsatisfied(role: RoleState<M>): Amounts {
    const lacking: Amounts = [];
    if (role.quota === null || role.parent !== null) return lacking;
    const { guarantee } = role.quota;
    for (let column = 0; column < guarantee.length; column++) {
      const holds = (role.consumed[column] ?? 0) - (role.leaving[column] ?? 0);
      const lack = (guarantee[column] ?? 0) - holds;
      if (lack > 0) lacking[column] = lack;
    }
    return lacking;
  }

  /** What a role may still take by limits, absent = as much as it wants; null = it has no limit. */
  limitRoom(role: RoleState<M>): Amounts | null {
    let room: Amounts | null = null;
    for (let at: RoleState<M> | null = role; at !== null; at = at.parent) {
      if (at.quota !== null && at.quota.hasLimit) {
        room ??= [];
        const { limit: limits } = at.quota;
        for (let column = 0; column < limits.length; column++) {
          const limit = limits[column];
          if (limit === undefined) continue;
          const free = Math.max(0, limit - (at.consumed[column] ?? 0));
          room[column] = Math.min(room[column] ?? Infinity, free);
        }
      }
      if (!this.#accounts.options.nestedLimits) break;
    }
    return room;
  }

  /** Whether a role must not have anything of a column: a limit that holds for it is zero. */
  forbids(role: RoleState<M>, column: number): boolean {
    for (let at: RoleState<M> | null = role; at !== null; at = at.parent) {
      if (at.quota?.limit[column] === 0) return true;
      if (!this.#accounts.options.nestedLimits) break;
    }
    return false;
  }

  /** What may be given to anyone without touching the headroom, absent = nothing; null = no headroom is required. */
  surplus(): Amounts | null {
    if (!this.#isRequired()) return null;
    return this.#available.map((available, column) => Math.max(0, available - (this.#required[column] ?? 0)));
  }

  /**
   * A role got plain scalars, by column. Where they count towards guarantees, all above it are charged with them, and what
   * its top-level role lacked of its guarantee is headroom no more. Where only limits count, those above are charged as
   * far as they limit it: as in Mesos, what a nested role gets may show in its parent's account no sooner than in the next
   * run.
   * @param apart the part of the amounts that was not counted as available
   */
  spend(
    role: RoleState<M>,
    amounts: readonly number[],
    apart: readonly number[] = [],
    counts: 'towards guarantees' | 'against limits' = 'towards guarantees',
  ): void {
    const isMeeting = counts === 'towards guarantees';
    const wasRequired = this.#isRequired();
    for (let at: RoleState<M> | null = role; at !== null; at = at.parent) {
      if (at.quota !== null) {
        const lacking = isMeeting ? this.unsatisfied(at) : NOTHING;
        for (let column = 0; column < amounts.length; column++) {
          const amount = amounts[column]!;
          addAt(at.consumed, column, amount);
          const met = Math.min(amount, lacking[column] ?? 0);
          if (met > 0) this.#required[column] = Math.max(0, (this.#required[column] ?? 0) - met);
        }
        this.#remark(at);
      }
      if (!isMeeting && !this.#accounts.options.nestedLimits) break;
    }
    for (let column = 0; column < amounts.length; column++) {
      const taken = amounts[column]! - (apart[column] ?? 0);
      this.#available[column] = Math.max(0, (this.#available[column] ?? 0) - taken);
    }
    // With nothing required the headroom is not looked at any more, which can permit what it did not where more is in
    // use than there is.
    if (wasRequired && !this.#isRequired()) this.#accounts.room++;
  }

  /**
   * Plain scalars of a role are being freed, and count no more towards its guarantee; or they stay after all.
   * @param counted whether they will be free where headroom lies
   */
  free(role: RoleState<M>, bundle: Bundle, counted: boolean, sign: 1 | -1): void {
    let top = role;
    while (top.parent !== null) top = top.parent;
    this.#countRequired(top, -1);
    this.#accounts.roles.countLeaving(role, bundle, sign);
    this.#countRequired(top, 1);
    if (!counted) return;
    for (const { kind, amount } of bundle.items) addAt(this.#available, kind.column, sign * amount);
  }

  #countRequired(top: RoleState<M>, sign: 1 | -1): void {
    const lacking = this.unsatisfied(top);
    for (let column = 0; column < lacking.length; column++) {
      const lack = lacking[column];
      if (lack !== undefined) addAt(this.#required, column, sign * lack);
    }
  }

  /** From now on what revocable members hold counts against limits: those who are next are revocable themselves. */
  countRevocables(): void {
    for (const { role, amounts } of this.#accounts.revocable) this.spend(role, amounts, amounts);
  }

  /** The limit, of those that hold for a role, that it would exceed with an amount more; null when none. */
  limitAgainst(
    role: RoleState<M>,
    column: number,
    amount: number,
  ): { readonly role: string; readonly limit: number; readonly used: number } | null {
    for (let at: RoleState<M> | null = role; at !== null; at = at.parent) {
      const limit = at.quota?.limit[column];
      const used = at.consumed[column] ?? 0;
      if (limit !== undefined && used + amount > limit) return { role: at.path, limit, used };
      if (!this.#accounts.options.nestedLimits) break;
    }
    return null;
  }

  /**
   * Plain scalars of a column that are free, and how much of them is kept for guarantees that are not met.
   * @param but a role whose guarantee is left out; null = none
   */
  headroom(column: number, but: RoleState<M> | null): { readonly free: number; readonly kept: number } {
    const own = but === null ? 0 : (this.unsatisfied(but)[column] ?? 0);
    const kept = Math.max(0, (this.#required[column] ?? 0) - own);
    return { free: this.#available[column] ?? 0, kept };
  }

  #isRequired(): boolean {
    return this.#required.some((amount) => amount > 0);
  }

  /** Counts what a role has used up. @returns whether the run may permit what the last one did not */
  #recount(role: RoleState<M>): boolean {
    this.#countLacking(this.#lacks.get(role), -1);
    if (role.quota === null) {
      this.#lacks.delete(role);
      this.#wanting.delete(role);
      this.#accounts.refreshMarks(role);
      return true;
    }
    const grew = count(role);
    const lacking = this.unsatisfied(role);
    this.#lacks.set(role, lacking);
    this.#countLacking(lacking, 1);
    if (lacking.length > 0 && role.members.size > 0) this.#wanting.add(role);
    else this.#wanting.delete(role);
    this.#remark(role);
    return grew;
  }

  #countLacking(lacking: Amounts | undefined, sign: 1 | -1): void {
    if (lacking === undefined) return;
    for (let column = 0; column < lacking.length; column++) {
      const lack = lacking[column];
      if (lack !== undefined) addAt(this.#lacking, column, sign * lack);
    }
  }

  #countAvailable(): void {
    const { totals, held, heldReserved, uncounted, roles } = this.#accounts;
    for (const [column, total] of totals.amounts.entries()) {
      const unheld = Math.max(0, (total ?? 0) - (held.allocated[column] ?? 0));
      const kept = Math.max(0, (roles.reserved[column] ?? 0) - (heldReserved.allocated[column] ?? 0));
      this.#available[column] = Math.max(0, Math.max(0, unheld - kept) - (uncounted[column] ?? 0));
    }
  }

  #surplusGrew(): boolean {
    const last = this.#endSurplus;
    const surplus = this.surplus();
    if (last === null || surplus === null) return last !== surplus;
    return surplus.some((amount, column) => amount! > (last[column] ?? 0));
  }

  /** Tells the role sorter's walks whether a role is still worth a visit. */
  #remark(role: RoleState<M>): void {
    if (this.#wanting.has(role) && this.unsatisfied(role).length === 0) this.#wanting.delete(role);
    const wanting = this.#wanting.has(role) ? Marks.wanting : 0;
    this.#accounts.refreshMarks(role, wanting | (this.#isExhausted(role) ? 0 : Marks.roomy));
  }

  /** Whether the role's own limit leaves no room for any scalar that there is. */
  #isExhausted({ quota, consumed }: RoleState<M>): boolean {
    if (quota === null || !quota.hasLimit) return false;
    const { amounts } = this.#accounts.totals;
    for (let column = 0; column < amounts.length; column++) {
      const limit = quota.limit[column];
      if (amounts[column]! > 0 && (limit === undefined || limit > (consumed[column] ?? 0))) return false;
    }
    return true;
  }
}

/** Sets what a role has used up. @returns whether that is less than it was, or was not known */
function count<M>({ consumed, reserved, plain }: RoleState<M>): boolean {
  let grew = consumed.length === 0;
  const columns = Math.max(consumed.length, reserved.length, plain.length, 1);
  for (let column = 0; column < columns; column++) {
    const now = (reserved[column] ?? 0) + (plain[column] ?? 0);
    if (now < (consumed[column] ?? 0)) grew = true;
    consumed[column] = now;
  }
  return grew;
}
