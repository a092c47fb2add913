import type { DemandClass, Framework } from '../../snapshot/framework.ts';
import { isOverdue, type KeptNomination } from '../../snapshot/preemption.ts';
import type { Amounts } from '../../snapshot/resources.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Stage } from '../filling/allowance.ts';
import { bundleOf } from '../resources/column-bundle.ts';
import { isCounted } from '../room/counted-agents.ts';
import { amountsOf } from '../room/pod-amounts.ts';
import { isReservedFor } from '../room/reserved-room.ts';
import type { Room } from '../room/room.ts';
import type { Place } from '../room/stock.ts';
import type { Accounts, Member } from '../roles/accounts.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import type { RoleState } from '../roles/role-tree.ts';
import { Rights } from './rights.ts';
import { cheaper, unitsOf, type Unit } from './unit.ts';

/** Tasks that are nominated for room on an agent: it is being freed, or kept until their whole gang has room. */
export interface Nomination {
  /** Number of the framework. */
  readonly framework: number;
  readonly demandClass: DemandClass;
  /** Number of the agent. */
  readonly agent: number;
  readonly tasks: number;
}

/** A task that is to give way to others. */
export interface Eviction {
  /** Number of its framework. */
  readonly framework: number;
  readonly pod: PodFacts;
  /** Number of the framework that gets the room. */
  readonly by: number;
}

/**
 * Room that is not free yet: who is nominated for it, and who is evicted so that there is some. Nothing is looked at
 * before somebody who wants something finds no room.
 */
export class NominationDesk<M extends Member<M>> {
  readonly room: Room;
  readonly #accounts: Accounts<M>;
  readonly #book: QuotaBook<M>;
  readonly #makeRights: () => Rights<M>;
  #rights: Rights<M> | undefined;
  readonly #nominations: Place[] = [];
  /** Those of gangs that start again. */
  readonly #returning: Nomination[] = [];
  /** Nominations of the last cycle that are not renewed yet, by row: tasks by agent. */
  readonly #kept: NominationsByRow = new Map();
  /** What heirs take over of them, the same way. */
  readonly #inherited: NominationsByRow = new Map();
  /** Who is evicted, and for which framework. */
  readonly #going = new Map<Unit, number>();
  /** What a budget said that keeps a framework from room, by its number. */
  readonly blocked = new Map<number, string>();
  #units: Map<number, Unit[]> | undefined;

  /** @param book of the run */
  constructor(room: Room, accounts: Accounts<M>, book: QuotaBook<M>) {
    this.#accounts = accounts;
    this.#book = book;
    this.room = room;
    const { snapshot } = room;
    const { numbers } = snapshot;
    const leaving = snapshot.leaving.filter(({ node, terminal }) => node !== undefined && !terminal);
    this.#makeRights = () => new Rights(snapshot, accounts, leaving);
    for (const pod of leaving)
      if (pod.evicted && numbers.has(pod.node!) && !isOverdue(pod, snapshot.preemption, snapshot.now))
        room.leave(pod, this.rights.holderOf(pod)?.rolePath);
    for (const nomination of snapshot.preemption.nominations) this.#keep(nomination);
  }

  /** Compares units by who is the cheaper one to evict now: shares change with every eviction. */
  readonly cheaper = (a: Unit, b: Unit): number => cheaper(a, b, this.givers);
  /** Compares paths of roles by which gives first now. */
  readonly givers = (a: string, b: string): number => this.rights.compareGivers(a, b);

  get rights(): Rights<M> {
    return (this.#rights ??= this.#makeRights());
  }

  /** What a row had nominated in the last cycle and did not renew yet, as tasks by agent. */
  keptOf(row: number): ReadonlyMap<number, number> {
    return this.#kept.get(row) ?? NOTHING;
  }

  /** So many tasks of a row have room on an agent where they had nominations, or nominations again. */
  renewed(agent: number, row: number, tasks: number): void {
    addTasks(this.#kept, row, agent, -tasks);
    this.room.onRollBack(() => addTasks(this.#kept, row, agent, tasks));
  }

  /** From now on a row has what it takes over, beside what is left of its own. */
  handOver(row: number): void {
    for (const [agent, tasks] of this.#inherited.get(row) ?? NOTHING) addTasks(this.#kept, row, agent, tasks);
    this.#inherited.delete(row);
  }

  /** Rows of the frameworks that had nominations in the last cycle, by number, in the order in which they got them. */
  get nominees(): ReadonlyMap<number, readonly number[]> {
    return Map.groupBy([...this.#kept.keys()], (row) => this.room.matrices.classes[row]!.framework);
  }

  /**
   * Gives a framework the nominations of another one that it could evict if that had its tasks placed: whoever comes first gets
   * room when it is free, and not by an eviction a moment later. Where it finds free room, it takes no nomination to other room.
   * The heir has them from {@link handOver} on.
   * @param row of the heir @param theirs rows of the other one @returns how many tasks of the row have a nomination so
   */
  inherit(
    framework: Framework,
    role: RoleState<M>,
    stage: Stage,
    row: number,
    theirs: readonly number[],
  ): number {
    const { rights, room } = this;
    const { matrices, snapshot } = room;
    const heir = { framework, role, stage, priority: this.#priorityOf(row), crosses: true };
    let tasks = 0;
    for (const from of theirs) {
      const victim = snapshot.frameworks[matrices.classes[from]!.framework]!;
      const priority = this.#priorityOf(from);
      if (!rights.isThinkable(heir, victim, priority)) continue;
      const [need, amounts] = [room.demandOf(row), room.demandOf(from)];
      const unit = { ...NO_UNIT, framework: victim, priority, amounts };
      if (!rights.mightEvict({ ...heir, need, base: rights.baseOf(role) }, unit)) continue;
      const findsRoom = snapshot.agents.some((_, agent) => fitsNow(room, agent, row));
      for (const [agent, nominated] of this.#kept.get(from)!) {
        if (findsRoom ? !fitsNow(room, agent, row) : !room.admits(agent, row)) continue;
        const times = need.map((each, r) => (each > 0 ? (nominated * amounts[r]!) / each : Infinity));
        const more = Math.max(1, Math.floor(Math.min(...times)));
        addTasks(this.#inherited, row, agent, more);
        tasks += more;
      }
    }
    return tasks;
  }

  #priorityOf(row: number): number {
    const { framework, leastPriority } = this.room.matrices.classes[row]!;
    return leastPriority ?? this.room.snapshot.frameworks[framework]!.priority;
  }

  /** Everybody who may be evicted for somebody, by agent, the cheapest first at first; those who are to go already as well. */
  get units(): ReadonlyMap<number, readonly Unit[]> {
    if (this.#units) return this.#units;
    this.#units = new Map();
    const { frameworks, numbers } = this.room.snapshot;
    const all = frameworks
      .filter(({ live }) => live.length > 0)
      .flatMap((each) => unitsOf(this.room.snapshot, each));
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
    if (!this.isStaying(unit)) return;
    for (const spare of unit.spares ?? []) this.evict(spare, by);
    this.#going.set(unit, by.index);
    this.rights.lose(unit);
    for (const pod of unit.pods) this.room.leave(pod, unit.framework.rolePath);
    this.#tellBook(unit, 1);
    this.room.onRollBack(() => this.#spare(unit));
  }

  /** It is not, after all; the room knows. */
  #spare(unit: Unit): void {
    this.#going.delete(unit);
    this.rights.regain(unit);
    this.#tellBook(unit, -1);
  }

  /** Quota looks through what is revocable, whether it stays or not. */
  #tellBook({ framework, pods }: Unit, sign: 1 | -1): void {
    if (framework.revocable) return;
    const role = this.#accounts.open(framework.rolePath);
    for (const pod of pods) {
      const agent = this.room.snapshot.numbers.get(pod.node!)!;
      if (isReservedFor(this.room.snapshot, agent, framework.rolePath)) continue;
      const amounts = bundleOf(amountsOf(this.room.snapshot, pod));
      this.#book.free(role, amounts, isCounted(this.room.snapshot, agent), sign);
    }
  }

  /** Notes that tasks are nominated: for room that is not free yet, or for room that they have while their gang waits. */
  note(nomination: Place): void {
    const { row, tasks } = nomination;
    this.#nominations.push(nomination);
    const framework = this.room.snapshot.frameworks[this.room.matrices.classes[row]!.framework]!;
    this.rights.expect(framework, this.room.demandOf(row), tasks);
  }

  /** Notes that room is kept, or will be, for tasks of a row that may not come yet. */
  keepOn(row: number, agent: number, tasks: number): void {
    const demandClass = this.room.matrices.classes[row]!;
    if (tasks > 0) this.#returning.push({ framework: demandClass.framework, demandClass, agent, tasks });
  }

  /** Lets those stay without whom all nominations hold, the dearest first: a gang may leave more than was looked for. */
  reprieve(): void {
    for (const unit of [...this.#going.keys()].sort((a, b) => this.cheaper(b, a))) {
      // What a gang can do without is of no use without the gang.
      if ([...this.#going.keys()].some(({ spares }) => spares?.includes(unit))) continue;
      this.room.begin();
      if (this.#canSpare(unit)) {
        this.room.commit();
        this.#spare(unit);
      } else this.room.rollBack();
    }
  }

  /** Whether all nominations hold although a unit stays, which the room is told. */
  #canSpare({ pods, framework }: Unit): boolean {
    const { room } = this;
    for (const pod of pods) {
      if (!room.later.sparesFor(pod)) return false;
      room.stay(pod, framework.rolePath);
    }
    return this.#nominations.every(
      (each) => !pods.some((pod) => room.later.concerns(each.row, pod)) || room.later.holds(each),
    );
  }

  /** Where somebody is nominated. */
  get places(): readonly Place[] {
    return this.#nominations;
  }

  get nominations(): readonly Nomination[] {
    const sums = new Map<string, Nomination>();
    for (const { agent, row, tasks } of this.#nominations) {
      const demandClass = this.room.matrices.classes[row]!;
      const key = `${row} ${agent}`;
      const sum = (sums.get(key)?.tasks ?? 0) + tasks;
      sums.set(key, { framework: demandClass.framework, demandClass, agent, tasks: sum });
    }
    return [...sums.values(), ...this.#returning];
  }

  get evictions(): readonly Eviction[] {
    return [...this.#going].flatMap(([{ framework, pods }, by]) =>
      pods.map((pod: PodFacts): Eviction => ({ framework: framework.index, pod, by })),
    );
  }

  #keep({ framework, group, demand, node, tasks }: KeptNomination): void {
    const { frameworks, numbers } = this.room.snapshot;
    const agent = numbers.get(node);
    const row = this.room.matrices.classes.findIndex(
      (each) =>
        frameworks[each.framework]!.id === framework &&
        each.group === group &&
        isEqual(each.shape.demand, demand),
    );
    if (agent === undefined || row < 0) return;
    addTasks(this.#kept, row, agent, tasks);
  }
}

const fitsNow = (room: Room, agent: number, row: number): boolean =>
  room.admits(agent, row) && room.fit(agent, row) > 0;

/** What of a unit is not asked of tasks that are not placed. */
const NO_UNIT = { pods: [], asked: false, blocked: '', isBarred: false, createdAt: 0, place: 0 } as const;

const NOTHING: ReadonlyMap<number, number> = new Map();

type NominationsByRow = Map<number, Map<number, number>>;

function addTasks(nominations: NominationsByRow, row: number, agent: number, tasks: number): void {
  const byAgent = nominations.get(row) ?? new Map<number, number>();
  const sum = (byAgent.get(agent) ?? 0) + tasks;
  if (sum > 0) byAgent.set(agent, sum);
  else byAgent.delete(agent);
  nominations.set(row, byAgent);
}

const isEqual = (a: Amounts, b: Amounts): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);
