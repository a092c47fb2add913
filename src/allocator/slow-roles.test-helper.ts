import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Role } from '../snapshot/roles.ts';
import { isWithin } from '../lib/role-path.ts';
import type { Spot } from './slow-nodes.test-helper.ts';

/** Who holds how much, in R amounts, and how often it was served. */
interface Account {
  readonly held: number[];
  count: number;
}

/** The accounts of the slow allocator: everything is summed up anew whenever it is asked for. */
export class SlowRoles {
  readonly #snapshot: Snapshot;
  readonly #own: Account[];
  readonly #roles: Map<string, Account & { readonly role: Role; readonly plain: number[] }>;
  /** Free and not reserved, on agents that take new tasks. */
  readonly #available: number[];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    const account = (held: Float64Array): Account => ({
      held: [...held],
      count: held.some((a) => a > 0) ? 1 : 0,
    });
    this.#own = snapshot.held.map(account);
    this.#roles = new Map(
      snapshot.roles.map((role) => {
        const plain = [...role.held].map((amount, r) => amount - role.heldReserved[r]!);
        return [role.path, { ...account(role.held), role, plain }];
      }),
    );
    this.#available = this.#columns((r) =>
      snapshot.agents.reduce((sum, _, i) => {
        if (!this.#isCounted(i)) return sum;
        const kept = snapshot.roles
          .flatMap(({ reservations }) => reservations)
          .reduce((k, { agent, amounts, used }) => k + (agent === i ? amounts[r]! - used[r]! : 0), 0);
        return sum + Math.max(0, snapshot.supply[i * snapshot.columns.count + r]! - kept);
      }, 0),
    );
  }

  /** Gives a framework a task, or takes it back (sign -1). */
  move(framework: number, { agent, need, plain }: Spot, sign: 1 | -1): void {
    const role = this.#roles.get(this.#snapshot.frameworks[framework]!.rolePath)!;
    for (const account of [role, this.#own[framework]!]) {
      need.forEach((amount, r) => (account.held[r]! += sign * amount));
      account.count += sign;
    }
    plain.forEach((amount, r) => {
      role.plain[r]! += sign * amount;
      if (this.#isCounted(agent)) this.#available[r]! -= sign * amount;
    });
  }

  /** What the guarantee of the top-level role above a role lacks. */
  lacking(path: string): number[] {
    const top = path.split('/')[0]!;
    const { guarantee } = this.#roles.get(top)!.role;
    return this.#columns((r) => Math.max(0, (guarantee?.[r] ?? 0) - this.#consumed(top, r)));
  }

  /** What a role may take on an agent of what is not reserved for it. */
  allowance(path: string, agent: number, guarantees: boolean): number[] {
    const tops = [...this.#roles.keys()].filter((name) => !name.includes('/'));
    const required = this.#columns((r) => tops.reduce((sum, top) => sum + this.lacking(top)[r]!, 0));
    const lacking = this.lacking(path);
    return this.#columns((r) => {
      const limits = [...this.#roles.values()]
        .filter(({ role }) => role.limit && isWithin(path, role.path))
        .map(({ role }) => Math.max(0, role.limit![r]! - this.#consumed(role.path, r)));
      const surplus =
        this.#isCounted(agent) && required.some((amount) => amount > 0)
          ? Math.max(0, this.#available[r]! - required[r]!) + (guarantees ? lacking[r]! : 0)
          : Infinity;
      return Math.min(surplus, ...limits);
    });
  }

  /** Who of two frameworks is served first. */
  compare(a: Framework, b: Framework): number {
    if (a.rolePath !== b.rolePath) {
      const [x, y] = [this.#chain(a.rolePath), this.#chain(b.rolePath)];
      const level = x.findIndex((node, i) => node !== y[i]);
      const [p, q] = [this.#node(x[level]!), this.#node(y[level]!)];
      return p.share - q.share || p.count - q.count || (x[level]! < y[level]! ? -1 : 1);
    }
    const [p, q] = [this.#own[a.index]!, this.#own[b.index]!];
    return (
      b.priority - a.priority ||
      this.#share(p.held) - this.#share(q.held) ||
      p.count - q.count ||
      a.waitsSince - b.waitsSince ||
      (a.id.replaceAll('/', ':') < b.id.replaceAll('/', ':') ? -1 : 1)
    );
  }

  /** Reserved for the subtree, and what its tasks hold beside that. */
  #consumed(path: string, r: number): number {
    return this.#below(path).reduce((sum, { role, plain }) => {
      const reserved = role.reservations.reduce((all, { amounts }) => all + amounts[r]!, 0);
      return sum + reserved + plain[r]!;
    }, 0);
  }

  /** The nodes of the tree from the top to a role; one that has others below it stands beside them as a leaf. */
  #chain(path: string): string[] {
    const names = path.split('/');
    const chain = names.map((_, i) => names.slice(0, i + 1).join('/'));
    return this.#below(path).length > 1 ? [...chain, `${path}/.`] : chain;
  }

  #node(path: string): { share: number; count: number } {
    if (path.endsWith('/.')) {
      const { held, count } = this.#roles.get(path.slice(0, -2))!;
      return { share: this.#share(held), count };
    }
    const all = this.#below(path);
    const held = this.#columns((r) => all.reduce((sum, account) => sum + account.held[r]!, 0));
    const count = all.reduce((sum, account) => sum + account.count, 0);
    return { share: this.#share(held) / this.#roles.get(path)!.role.weight, count };
  }

  #below(path: string) {
    return [...this.#roles.values()].filter(({ role }) => isWithin(role.path, path));
  }

  #share(held: readonly number[]): number {
    const { total, columns } = this.#snapshot;
    return Math.max(
      0,
      ...columns.names.map((name, r) => (name !== 'pods' && total[r]! > 0 ? held[r]! / total[r]! : 0)),
    );
  }

  /** Whether headroom lies on an agent, too. */
  #isCounted(agent: number): boolean {
    const { deleting, unfitMs } = this.#snapshot.health[agent]!;
    return !this.#snapshot.agents[agent]!.unschedulable && !deleting && unfitMs === 0;
  }

  #columns(amount: (r: number) => number): number[] {
    return Array.from({ length: this.#snapshot.columns.count }, (_, r) => amount(r));
  }
}
