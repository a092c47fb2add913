import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import { topOf, type Stage } from '../filling/allowance.ts';
import { addAt } from '../resources/amounts.ts';
import { holdersOf } from '../../snapshot/holders.ts';
import { amountsOf } from '../room/pod-amounts.ts';
import type { Accounts, Member } from '../roles/accounts.ts';
import type { RoleState } from '../roles/role-tree.ts';
import type { SorterNode } from '../roles/sorter-node.ts';
import { dominantShare } from '../roles/shares.ts';
import { fairLevel, sharersOf, topNode } from './fair-level.ts';
import type { Unit } from './unit.ts';

/** Of a share by weight: sums are not exact. */
const TOLERANCE = 1e-9;

/** Who asks for room that others hold. */
export interface Preemptor<M> {
  readonly framework: Framework;
  /** Of the tasks that it asks for; the least, when they differ. */
  readonly priority: number;
  readonly role: RoleState<M>;
  readonly stage: Stage;
  /** R: all that it would hold more than its account says, the task that looks for room included. */
  readonly need: Float64Array;
  /** R: what its top-level role held of its guarantee, those who leave left out, before it evicted anybody. */
  readonly base: Float64Array;
  /** For a guarantee, whether a role may come below the fair level by the last that it gives. */
  readonly crosses: boolean;
}

/**
 * Who may be evicted for whom. A framework is only ever evicted for one that the allocator serves before it:
 *
 * 1. what is revocable, for anything that is not;
 * 2. in the same role, what has less priority;
 * 3. for a role that lacks some of its guarantee, what another role holds beyond its own and beyond the fair level;
 * 4. in another role, what has less priority, while its role has the larger weighted share even afterwards.
 *
 * By none of 2 to 4 does a role come to hold less of its guarantee. So each eviction raises what is met of guarantees,
 * or leaves it and puts a task of more priority in the place of some of less: no chain of them comes back to where it was.
 */
export class Rights<M extends Member<M>> {
  readonly #snapshot: Snapshot;
  readonly #accounts: Accounts<M>;
  readonly holderOf: (pod: PodFacts) => Framework | undefined;
  /** R: what leaves of what a node of the role sorter stands for. */
  readonly #leaving = new Map<SorterNode<RoleState<M>>, Float64Array>();
  /** R: what leaves of a top-level role and is not revocable. */
  readonly #leavingFirm = new Map<RoleState<M>, Float64Array>();

  /** R: what a top-level role counts as held, and is only nominated for. */
  readonly #nominated = new Map<RoleState<M>, Float64Array>();
  /** What is revocable of what a top-level role holds, by column. */
  readonly #revocable = new Map<RoleState<M>, number[]>();
  /** As it was when somebody first asked for what a guarantee lacks. */
  #fairLevel: number | undefined;

  /** @param leaving Pods that are on their way out and still hold room */
  constructor(snapshot: Snapshot, accounts: Accounts<M>, leaving: readonly PodFacts[]) {
    this.#snapshot = snapshot;
    this.#accounts = accounts;
    this.holderOf = holdersOf(snapshot);
    for (const { role, amounts } of accounts.revocable) {
      const sum = this.#revocable.get(topOf(role)) ?? [];
      amounts.forEach((amount, column) => addAt(sum, column, amount));
      this.#revocable.set(topOf(role), sum);
    }
    for (const pod of leaving) {
      const holder = this.holderOf(pod);
      if (holder) this.#count(holder, amountsOf(snapshot, pod), 1);
    }
  }

  /** So many tasks of a framework are nominated: its role counts them as held. */
  expect({ rolePath }: Framework, demand: ArrayLike<number>, tasks: number): void {
    addTo(this.#nominated, topOf(this.#accounts.open(rolePath)), demand, tasks);
  }

  /** A unit is to go. */
  lose({ framework, amounts }: Unit): void {
    this.#count(framework, amounts, 1);
  }

  /** It is not, after all. */
  regain({ framework, amounts }: Unit): void {
    this.#count(framework, amounts, -1);
  }

  /** See {@link Preemptor.base}. */
  baseOf(role: RoleState<M>): Float64Array {
    const top = topOf(role);
    const base = new Float64Array(this.#snapshot.columns.count);
    for (let r = 0; r < base.length; r++) base[r] = this.#firm(top, r);
    return base;
  }

  /**
   * Whether a framework could have a right over tasks of another one, whatever shares and guarantees are.
   * @param priority of the tasks
   */
  isThinkable(
    preemptor: Pick<Preemptor<M>, 'framework' | 'stage' | 'priority'>,
    victim: Framework,
    priority: number,
  ): boolean {
    const { framework, stage } = preemptor;
    if (framework === victim || framework.revocable || !framework.preempts) return false;
    return victim.revocable || stage === 'guarantees' || priority < preemptor.priority;
  }

  /** Whether a unit that is not placed, and counts as held nowhere, might be evicted if it were. */
  mightEvict(preemptor: Preemptor<M>, unit: Unit): boolean {
    this.regain(unit);
    const might = this.mayEvict(preemptor, unit);
    this.lose(unit);
    return might;
  }

  /** Whether a unit may be evicted now, beside those that are to go already. */
  mayEvict(preemptor: Preemptor<M>, unit: Unit): boolean {
    const { role, stage } = preemptor;
    const victim = unit.framework;
    if (!this.isThinkable(preemptor, victim, unit.priority)) return false;
    if (victim.revocable) return true;
    const theirs = this.#accounts.open(victim.rolePath);
    if (!this.#keepsGuarantee(preemptor, theirs, unit)) return false;
    if (stage === 'guarantees' && topOf(theirs) !== topOf(role) && this.#gives(preemptor, theirs, unit))
      return true;
    if (unit.priority >= preemptor.priority) return false;
    return theirs === role || this.#isAhead(preemptor, theirs, unit);
  }

  /**
   * Which of two roles gives first: the one with the larger share by weight where the two part in the tree. Negative when
   * it is the first.
   */
  compareGivers(a: string, b: string): number {
    if (a === b) return 0;
    const [x, y] = parting(this.#accounts.open(a).client!.node, this.#accounts.open(b).client!.node);
    return this.#share(y) - this.#share(x) || (x.path < y.path ? -1 : 1);
  }

  /** Whether a role may give a unit for a guarantee of another one: it has more than in a fair division. */
  #gives({ crosses }: Preemptor<M>, theirs: RoleState<M>, { amounts }: Unit): boolean {
    const level = (this.#fairLevel ??= fairLevel(
      sharersOf(this.#snapshot, this.#accounts, (each) => this.#firmOf(each)),
    ));
    const held = this.#firmOf(theirs);
    const left = crosses ? held : held.map((amount, r) => amount - amounts[r]!);
    return dominantShare(left, this.#snapshot.total, topNode(theirs).weight) >= level - TOLERANCE;
  }

  /** R: what the top-level role above one holds of what is not revocable, without those who leave. */
  #firmOf(role: RoleState<M>): Float64Array {
    const { allocated } = topNode(role);
    const top = topOf(role);
    const leaving = this.#leavingFirm.get(top);
    const revocable = this.#revocable.get(top);
    return this.#snapshot.total.map(
      (_, r) => (allocated[r] ?? 0) - (leaving?.[r] ?? 0) - (revocable?.[r] ?? 0),
    );
  }

  /** Whether no role comes to hold less of its guarantee. */
  #keepsGuarantee({ role, need, base }: Preemptor<M>, theirs: RoleState<M>, { amounts }: Unit): boolean {
    const top = topOf(theirs);
    if (!top.quota?.hasGuarantee) return true;
    const isOwn = top === topOf(role);
    return amounts.every((amount, r) => {
      const guarantee = top.quota!.guarantee[r] ?? 0;
      if (amount === 0 || guarantee === 0) return true;
      const after = this.#firm(top, r) - amount;
      if (isOwn) return after + need[r]! >= Math.min(guarantee, base[r]!);
      // A nomination may yet come to nothing.
      return after - (this.#nominated.get(top)?.[r] ?? 0) >= guarantee;
    });
  }

  /** Whether the role of a unit has the larger share where the two roles part, even when the move is made. */
  #isAhead({ role, need }: Preemptor<M>, theirs: RoleState<M>, { amounts }: Unit): boolean {
    const [ours, other] = parting(role.client!.node, theirs.client!.node);
    return this.#share(other, amounts, -1) > this.#share(ours, need, 1);
  }

  /** Weighted dominant share of a node without those who leave, after a change. */
  #share(node: SorterNode<RoleState<M>>, change?: Float64Array, sign: 1 | -1 = 1): number {
    const { total } = this.#snapshot;
    const leaving = this.#leaving.get(node);
    const held = total.map(
      (_, r) => (node.allocated[r] ?? 0) - (leaving?.[r] ?? 0) + sign * (change?.[r] ?? 0),
    );
    return dominantShare(held, total, node.weight);
  }

  /** What a top-level role holds of its quota without those who leave. */
  #firm(top: RoleState<M>, r: number): number {
    return (top.consumed[r] ?? 0) - (this.#leavingFirm.get(top)?.[r] ?? 0);
  }

  #count({ rolePath, revocable }: Framework, amounts: Float64Array, sign: 1 | -1): void {
    const role = this.#accounts.open(rolePath);
    for (let { node } = role.client!; node.parent !== null; node = node.parent)
      addTo(this.#leaving, node, amounts, sign);
    if (!revocable) addTo(this.#leavingFirm, topOf(role), amounts, sign);
  }
}

/** Adds amounts so many times to the sum of a key. */
function addTo<K>(sums: Map<K, Float64Array>, key: K, amounts: ArrayLike<number>, times: number): void {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = new Float64Array(amounts.length)));
  for (let r = 0; r < sum.length; r++) sum[r]! += times * amounts[r]!;
}

/** The nodes above two leaves, or they themselves, that stand beside each other. */
function parting<T>(a: SorterNode<T>, b: SorterNode<T>): readonly [SorterNode<T>, SorterNode<T>] {
  if (a.parent === b.parent) return [a, b];
  const above = (node: SorterNode<T>): SorterNode<T>[] => {
    const chain = [node];
    for (let at = node.parent; at !== null; at = at.parent) chain.unshift(at);
    return chain;
  };
  const [x, y] = [above(a), above(b)];
  const level = x.findIndex((node, i) => node !== y[i]);
  return [x[level]!, y[level]!];
}
