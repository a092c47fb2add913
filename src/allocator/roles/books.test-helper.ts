import { NONE } from './dominant-share.ts';
import { byColumn, parseQuantities } from '../resources/quantities.ts';
import { parseResources, type Resources } from '../resources/resources.ts';
import { nameOf } from '../resources/resource-kind.ts';
import { Accounts, Marks, type AccountOptions, type Member } from './accounts.ts';
import { QuotaBook } from './quota-book.ts';
import { quotaOf, type RoleState } from './role-tree.ts';
import type { Client } from './sorter-node.ts';

/** A framework under a role, for tests of accounts. */
export class TestMember implements Member<TestMember> {
  readonly role: RoleState<TestMember>;
  client!: Client<TestMember>;
  offered = false;
  fresh = false;
  bidding = false;

  constructor(role: RoleState<TestMember>) {
    this.role = role;
  }
}

/** Reads resources. */
export const bundle = (text: string): Resources => parseResources(text, 'test');

/** A list by column as amounts by name; those of nothing left out. */
export function byName(amounts: readonly (number | undefined)[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [column, amount] of amounts.entries()) if ((amount ?? 0) !== 0) named[nameOf(column)] = amount!;
  return named;
}

/** Accounts of a cluster and their quota book, with members by id. */
export class Books {
  readonly accounts: Accounts<TestMember>;
  readonly book: QuotaBook<TestMember>;
  readonly #members = new Map<string, TestMember>();

  constructor(total: string, options: Partial<AccountOptions> = {}) {
    const defaults = { roleSorter: 'drf', frameworkSorter: 'drf', unshared: NONE } as const;
    this.accounts = new Accounts({ ...defaults, nestedLimits: true, ...options });
    this.accounts.totals.add(bundle(total));
    this.book = new QuotaBook(this.accounts);
  }

  /** Sets guarantee and limit of a role; both empty remove them. */
  quota(path: string, guarantee: string, limit: string): this {
    const read = (text: string) => byColumn(parseQuantities(text, 'test'));
    const none = guarantee === '' && limit === '';
    this.accounts.roles.setQuota(path, none ? null : quotaOf(read(guarantee), read(limit)));
    return this;
  }

  /** Adds a framework to which offers can be made. */
  join(id: string, role: string): this {
    const member = new TestMember(this.accounts.open(role));
    member.client = this.accounts.admit(id, member);
    this.accounts.setOffered(member, true);
    this.#members.set(id, member);
    return this;
  }

  member(id: string): TestMember {
    return this.#members.get(id)!;
  }

  role(path: string): RoleState<TestMember> {
    return this.accounts.roles.get(path)!;
  }

  charge(id: string, text: string, agent = 'A'): this {
    this.accounts.charge(this.member(id), agent, bundle(text));
    return this;
  }

  refund(id: string, text: string, agent = 'A'): this {
    this.accounts.refund(this.member(id), agent, bundle(text));
    return this;
  }

  begin(): this {
    this.book.begin();
    return this;
  }

  /** Paths of the roles that bear one of the marks, in their order. */
  roles(marks: number): string[] {
    const { roleSorter } = this.accounts;
    const found: string[] = [];
    roleSorter.start();
    for (let next = roleSorter.next(marks); next !== null; next = roleSorter.next(marks))
      found.push(next.path);
    return found;
  }

  /** Ids of the members of a role that bear one of the marks, in their order. */
  members(path: string, marks: number = Marks.offered): string[] {
    const sorter = this.role(path).sorter!;
    const found: string[] = [];
    sorter.start();
    for (let next = sorter.next(marks); next !== null; next = sorter.next(marks)) found.push(next.path);
    return found;
  }
}
