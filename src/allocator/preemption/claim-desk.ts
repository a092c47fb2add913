import type { Snapshot } from '../../snapshot/build.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { isOverdue, type KeptNomination } from '../../snapshot/preemption.ts';
import type { Amounts } from '../../snapshot/resources.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Matrices } from '../../matrix/matrices.ts';
import type { Claim, Eviction } from '../allocation.ts';
import type { Stage } from '../filling/allowance.ts';
import type { Bundles } from '../placing/bundles.ts';
import { isCounted } from '../placing/counted-agents.ts';
import type { Claimed, LaterRoom } from '../placing/later-room.ts';
import { isReservedFor } from '../placing/open-accounts.ts';
import { amountsOf } from '../placing/pod-amounts.ts';
import type { Room } from '../placing/room.ts';
import type { Accounts, Member } from '../roles/accounts.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import type { RoleState } from '../roles/role-tree.ts';
import { Rights } from './rights.ts';
import { cheaper, unitsOf, type Unit } from './unit.ts';

/**
 * Room that is not free yet: who claims what of it, and who is evicted so that there is some. Nothing is looked at before
 * somebody who wants something finds no room.
 */
export class ClaimDesk<M extends Member<M>> {
  readonly snapshot: Snapshot;
  readonly matrices: Matrices;
  readonly room: Room;
  readonly #accounts: Accounts<M>;
  readonly #book: QuotaBook<M>;
  readonly #bundles: Bundles;
  readonly #makeRights: () => Rights<M>;
  #rights: Rights<M> | undefined;
  readonly #claims: Claimed[] = [];
  /** Claims of the last cycle, by row: tasks by agent. */
  readonly #kept = new Map<number, Map<number, number>>();
  /** Who is evicted, and for which framework. */
  readonly #going = new Map<Unit, number>();
  /** What a budget said that keeps a framework from room, by its number. */
  readonly blocked = new Map<number, string>();
  #units: Map<number, Unit[]> | undefined;

  /** @param book of the run */
  constructor(
    room: Room,
    snapshot: Snapshot,
    matrices: Matrices,
    accounts: Accounts<M>,
    book: QuotaBook<M>,
    bundles: Bundles,
  ) {
    this.#accounts = accounts;
    this.#book = book;
    this.#bundles = bundles;
    this.snapshot = snapshot;
    this.matrices = matrices;
    this.room = room;
    const { numbers } = snapshot;
    const leaving = snapshot.pods.filter(
      ({ node, deleting, terminal }) => deleting && node !== undefined && !terminal,
    );
    this.#makeRights = () => new Rights(snapshot, accounts, bundles, leaving);
    for (const pod of leaving)
      if (pod.evicted && numbers.has(pod.node!) && !isOverdue(pod, snapshot.preemption, snapshot.now))
        this.later.leave(pod, this.rights.holderOf(pod)?.rolePath);
    for (const claim of snapshot.preemption.nominations) this.#keep(claim);
  }

  /** Compares units by who is the cheaper one to evict now: shares change with every eviction. */
  readonly cheaper = (a: Unit, b: Unit): number => cheaper(a, b, this.givers);
  /** Compares paths of roles by which gives first now. */
  readonly givers = (a: string, b: string): number => this.rights.compareGivers(a, b);

  get rights(): Rights<M> {
    return (this.#rights ??= this.#makeRights());
  }

  get later(): LaterRoom {
    return this.room.lookAhead();
  }

  /** Whether any agent will have other room than it has now. */
  get isLeaving(): boolean {
    const detaches = (this.room.volumes?.detaching.length ?? 0) > 0;
    return (this.room.later !== undefined || detaches) && this.later.agents.length > 0;
  }

  /** What a row had claimed in the last cycle, as tasks by agent. */
  keptOf(row: number): ReadonlyMap<number, number> {
    return this.#kept.get(row) ?? NOTHING;
  }

  /** Rows of the frameworks that had claims in the last cycle, by number, in the order in which they got them. */
  get claimants(): ReadonlyMap<number, readonly number[]> {
    return Map.groupBy([...this.#kept.keys()], (row) => this.matrices.classes[row]!.framework);
  }

  /**
   * Gives a framework the claims of another one that it could evict if that had its tasks placed: whoever comes first gets
   * room when it is free, and not by an eviction a moment later. Where it finds free room, it takes no claim to other room.
   * @param row of the heir @param theirs rows of the other one @returns how many tasks of the row have a claim so
   */
  inherit(
    framework: Framework,
    role: RoleState<M>,
    stage: Stage,
    row: number,
    theirs: readonly number[],
  ): number {
    const { rights, room, matrices, snapshot } = this;
    const heir = { framework, role, stage, priority: this.#priorityOf(row), crosses: true };
    let tasks = 0;
    for (const from of theirs) {
      const victim = snapshot.frameworks[matrices.classes[from]!.framework]!;
      const priority = this.#priorityOf(from);
      if (!rights.isThinkable(heir, victim, priority)) continue;
      const [need, amounts] = [this.#demandOf(row), this.#demandOf(from)];
      const unit = { ...NO_UNIT, framework: victim, priority, amounts };
      if (!rights.mightEvict({ ...heir, need, base: rights.baseOf(role) }, unit)) continue;
      const findsRoom = snapshot.agents.some((_, agent) => fitsNow(room, agent, row));
      const own = this.#kept.get(row) ?? new Map<number, number>();
      for (const [agent, claimed] of this.#kept.get(from)!) {
        if (findsRoom ? !fitsNow(room, agent, row) : !room.admits(agent, row)) continue;
        const times = need.map((each, r) => (each > 0 ? (claimed * amounts[r]!) / each : Infinity));
        const more = Math.max(1, Math.floor(Math.min(...times)));
        this.#kept.set(row, own.set(agent, (own.get(agent) ?? 0) + more));
        tasks += more;
      }
    }
    return tasks;
  }

  #priorityOf(row: number): number {
    const { framework, leastPriority } = this.matrices.classes[row]!;
    return leastPriority ?? this.snapshot.frameworks[framework]!.priority;
  }

  /** R: what a task of a row takes. */
  #demandOf(row: number): Float64Array {
    const R = this.snapshot.columns.count;
    return Float64Array.from(this.matrices.demand.subarray(row * R, row * R + R));
  }

  /** Everybody who may be evicted for somebody, by agent, the cheapest first at first; those who are to go already as well. */
  get units(): ReadonlyMap<number, readonly Unit[]> {
    if (this.#units) return this.#units;
    this.#units = new Map();
    const { frameworks, numbers } = this.snapshot;
    const all = frameworks
      .filter(({ live }) => live.length > 0)
      .flatMap((each) => unitsOf(this.snapshot, each));
    for (const unit of all.sort(this.cheaper)) {
      for (const agent of new Set(unit.pods.map(({ node }) => numbers.get(node!)!))) {
        const here = this.#units.get(agent);
        if (here) here.push(unit);
        else this.#units.set(agent, [unit]);
      }
    }
    return this.#units;
  }

  /** Whether a unit is not to go yet. */
  isStaying(unit: Unit): boolean {
    return !this.#going.has(unit);
  }

  /** A unit is to go for a framework. */
  evict(unit: Unit, by: Framework): void {
    this.#going.set(unit, by.index);
    this.rights.lose(unit);
    for (const pod of unit.pods) this.later.leave(pod, unit.framework.rolePath);
    this.#tellBook(unit, 1);
  }

  /** It is not, after all. */
  spare(unit: Unit): void {
    this.#going.delete(unit);
    this.rights.regain(unit);
    for (const pod of unit.pods) this.later.stay(pod);
    this.#tellBook(unit, -1);
  }

  /** Quota looks through what is revocable, whether it stays or not. */
  #tellBook({ framework, pods }: Unit, sign: 1 | -1): void {
    if (framework.revocable) return;
    const role = this.#accounts.open(framework.rolePath);
    for (const pod of pods) {
      const agent = this.snapshot.numbers.get(pod.node!)!;
      if (isReservedFor(this.snapshot, agent, framework.rolePath)) continue;
      const amounts = this.#bundles.of(amountsOf(this.snapshot, pod));
      this.#book.free(role, amounts, isCounted(this.snapshot, agent), sign);
    }
  }

  /** Notes what came of an attempt. */
  settle(claims: readonly Claimed[]): void {
    for (const claimed of claims) this.#note(claimed);
  }

  /** Notes that tasks for which there is room wait for others of their gang. */
  settleHeld(agent: number, row: number, tasks: number): void {
    this.#note({ agent, row, tasks, drawn: [] });
  }

  #note(claimed: Claimed): void {
    const { row, tasks } = claimed;
    this.#claims.push(claimed);
    const framework = this.snapshot.frameworks[this.matrices.classes[row]!.framework]!;
    this.rights.expect(framework, this.#demandOf(row), tasks);
  }

  /** Lets those stay without whom all claims can be met, the dearest first: a gang may leave more than was looked for. */
  reprieve(): void {
    for (const unit of [...this.#going.keys()].sort((a, b) => this.cheaper(b, a))) {
      const stayed: PodFacts[] = [];
      for (const pod of unit.pods) {
        if (!this.later.sparesFor(pod)) break;
        this.later.stay(pod);
        stayed.push(pod);
      }
      const spares =
        stayed.length === unit.pods.length && this.#claims.every((claim) => this.#keeps(claim, stayed));
      for (const pod of stayed) this.later.leave(pod, unit.framework.rolePath);
      if (spares) this.spare(unit);
    }
  }

  /** Whether a claim can be met although some stay who were to go. */
  #keeps(claim: Claimed, stayed: readonly PodFacts[]): boolean {
    return !stayed.some((pod) => this.later.concerns(claim.row, pod)) || this.later.holds(claim);
  }

  get claims(): readonly Claim[] {
    const sums = new Map<string, Claim>();
    for (const { agent, row, tasks } of this.#claims) {
      const demandClass = this.matrices.classes[row]!;
      const key = `${row} ${agent}`;
      const sum = (sums.get(key)?.tasks ?? 0) + tasks;
      sums.set(key, { framework: demandClass.framework, demandClass, agent, tasks: sum });
    }
    return [...sums.values()];
  }

  get evictions(): readonly Eviction[] {
    return [...this.#going].flatMap(([{ framework, pods }, by]) =>
      pods.map((pod: PodFacts): Eviction => ({ framework: framework.index, pod, by })),
    );
  }

  #keep({ framework, group, demand, node, tasks }: KeptNomination): void {
    const { frameworks, numbers } = this.snapshot;
    const agent = numbers.get(node);
    const row = this.matrices.classes.findIndex(
      (each) =>
        frameworks[each.framework]!.id === framework &&
        each.group === group &&
        isEqual(each.shape.demand, demand),
    );
    if (agent === undefined || row < 0) return;
    const kept = this.#kept.get(row) ?? new Map<number, number>();
    this.#kept.set(row, kept.set(agent, (kept.get(agent) ?? 0) + tasks));
  }
}

const fitsNow = (room: Room, agent: number, row: number): boolean =>
  room.admits(agent, row) && room.fit(agent, row) > 0;

/** What of a unit is not asked of tasks that are not placed. */
const NO_UNIT = { pods: [], asked: false, blocked: '', isBarred: false, createdAt: 0 } as const;

const NOTHING: ReadonlyMap<number, number> = new Map();

const isEqual = (a: Amounts, b: Amounts): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);
