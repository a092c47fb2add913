import { fitByPorts, fitByResources, MOST_TASKS } from '../../matrix/cells/capacity.ts';
import type { Matrices } from '../../matrix/matrices.ts';
import type { RuleBook } from '../../matrix/rules/rule-book.ts';
import { isWithin, Topologies, type Domain, type Topology } from '../../matrix/rules/topology.ts';
import type { VolumeBook } from '../../matrix/volumes/volume-book.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { ZONE } from '../../snapshot/pod-rules.ts';
import { portUses, type HostPort } from '../../snapshot/ports.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import { isCounted } from './counted-agents.ts';
import { Journal } from './journal.ts';
import { LaterRoom } from './later-room.ts';
import { ReservedRoom } from './reserved-room.ts';
import { Stock, type Place } from './stock.ts';

/** What tasks without host ports take of them. */
const NO_PORTS = { held: [], numbers: [], used: new Set<number>() } as const;

/** Room that was taken, with the dynamic host ports chosen: one run for each task. */
export interface Taken extends Place {
  readonly numbers: readonly number[];
}

/** What agents will have, to be read: only the room itself changes it. */
export type LaterView = Omit<LaterRoom, 'leave' | 'stay' | 'count' | 'nominate' | 'withdraw' | 'place'>;

/**
 * What the agents can give while a cycle decides, now and later: S, the free host ports and what is left of reservations,
 * on copies. Every question whether a task may go somewhere, and every change, passes here, and every change can be
 * undone in one way: it is rolled back with the transaction in which it was made. The room that an offer takes is gone for
 * everybody after it, so no two offers overlap.
 */
export class Room {
  readonly snapshot: Snapshot;
  readonly matrices: Matrices;
  readonly #now: Stock;
  readonly #reserved: ReservedRoom;
  readonly #apart: ReadonlySet<number>;
  readonly #journal = new Journal();
  /** 1 for agents of which something was taken. */
  readonly #touched: Uint8Array;
  #later: LaterRoom | undefined;
  /** On how many nodes each host port is in use, what was taken counted; undefined until one is taken. */
  #portUses: Uint32Array | undefined;
  #topologies: Topologies | undefined;
  /** Where alone tasks of a row may go. */
  readonly #confined = new Map<number, Domain>();

  constructor(snapshot: Snapshot, matrices: Matrices) {
    this.snapshot = snapshot;
    this.matrices = matrices;
    this.#now = new Stock(matrices, snapshot.supply.slice(), (agent) => snapshot.ports[agent]!, {
      rules: matrices.rules?.fork(),
      volumes: matrices.volumes?.fork(),
    });
    this.#reserved = new ReservedRoom(snapshot);
    this.#apart = new Set([...snapshot.agents.keys()].filter((agent) => !isCounted(snapshot, agent)));
    this.#touched = new Uint8Array(snapshot.agents.length);
  }

  /** S, n x R, less what was taken. */
  get supply(): Float64Array {
    return this.#now.supply;
  }

  /** Rules about other Pods, what was taken counted; undefined when there are none. */
  get rules(): RuleBook | undefined {
    return this.#now.rules;
  }

  /** What volumes say, what was taken counted; undefined when no row has any. */
  get volumes(): VolumeBook | undefined {
    return this.#now.volumes;
  }

  /** Zones of the agents. */
  get zones(): Topology {
    return this.topologyOf(ZONE);
  }

  /** Domains of the agents by a label. */
  topologyOf(key: string): Topology {
    return (this.#topologies ??= new Topologies(this.snapshot.agents)).of(key);
  }

  /** Whether any agent will have other room than it has now, as far as is known without looking ahead. */
  get changesLater(): boolean {
    const detaches = (this.volumes?.detaching.length ?? 0) > 0;
    return (this.#later !== undefined || detaches) && this.later.agents.length > 0;
  }

  /** What agents will have when everybody is gone who is leaving, and everybody has come who is nominated. */
  get later(): LaterView {
    return this.#ahead();
  }

  /** Begins a transaction: all changes until commit() or rollBack(). They may lie in each other. */
  begin(): void {
    this.#journal.begin();
  }

  /** What was changed since begin() stands, unless the transaction around it is rolled back. */
  commit(): void {
    this.#journal.commit();
  }

  /** Undoes everything since begin(). */
  rollBack(): void {
    this.#journal.rollBack();
  }

  /** What else is to be undone with the transaction under way. */
  onRollBack(undo: () => void): void {
    this.#journal.note(undo);
  }

  /** A[agent][row] now: how many more tasks fit, beside what others will take of what is there. */
  fit(agent: number, row: number): number {
    const now = this.#fitNow(agent, row);
    return now > 0 && this.#later ? Math.min(now, this.#later.fit(agent, row)) : now;
  }

  /** How many tasks of a row fit on an agent once everybody is gone who is leaving. */
  fitLater(agent: number, row: number): number {
    return this.admits(agent, row) ? this.later.fit(agent, row) : 0;
  }

  /** Whether a task of a row may come to an agent, whoever else is there. */
  admits(agent: number, row: number): boolean {
    const { allowed, c, n } = this.matrices;
    const cell = row * n + agent;
    const within = this.#confined.size > 0 ? this.#confined.get(row) : undefined;
    return allowed[cell] === 1 && c[cell]! < 1 && (!within || isWithin(within, agent));
  }

  /** Lets tasks of a row go to one domain alone from now on, or anywhere again. */
  confine(row: number, within: Domain | undefined): void {
    if (within) this.#confined.set(row, within);
    else this.#confined.delete(row);
  }

  /** Whether rules about other Pods keep tasks of a row from an agent, now or later. */
  isRuledOut(agent: number, row: number): boolean {
    return [this.rules, this.#later?.rules].some((rules) => rules?.blocker(row, agent) !== undefined);
  }

  /** R: what a task of a row takes, to be read. */
  demandOf(row: number): Float64Array {
    const R = this.snapshot.columns.count;
    return this.matrices.demand.subarray(row * R, row * R + R);
  }

  /** Whether anything of an agent was taken, so that A may not hold any more. */
  wasTouched(agent: number): boolean {
    return this.#touched[agent] === 1;
  }

  /** What is left on an agent of the reservations that a row may use, by column; null when there are none. */
  reservedAt(agent: number, row: number): readonly number[] | null {
    return this.#reserved.isAt(agent) ? this.#reserved.leftFor(this.#roleOf(row), agent) : null;
  }

  /** Whether a row may use reservations on some agent. */
  hasReserved(row: number): boolean {
    return this.#reserved.isFor(this.#roleOf(row));
  }

  /** Whether what is free on an agent is no part of the headroom that guarantees are met from. */
  isApart(agent: number): boolean {
    return this.#apart.has(agent);
  }

  /** Whether a row may go to some agent apart. */
  reachesApart(row: number): boolean {
    const { a, c, n } = this.matrices;
    return [...this.#apart].some((agent) => a[row * n + agent]! > 0 && c[row * n + agent]! < 1);
  }

  /** Takes room for tasks that fit. */
  take(agent: number, row: number, tasks: number): Taken {
    this.#touched[agent] = 1;
    const { demand } = this.matrices;
    const R = this.snapshot.columns.count;
    const drawn = this.#reserved.draw(this.#roleOf(row), agent, demand, row * R, tasks);
    const { held, numbers, used } = this.#takePorts(agent, row, tasks);
    this.#countUses(used, 1);
    this.#now.place(agent, row, tasks);
    this.#later?.place(agent, row, tasks, held);
    this.#journal.note(() => {
      this.#later?.place(agent, row, -tasks, held);
      this.#now.place(agent, row, -tasks);
      for (const port of held) this.#now.ownPorts(agent).give(port);
      this.#countUses(used, -1);
      this.#reserved.putBack(drawn);
    });
    return { agent, row, tasks, numbers };
  }

  /** Nominates a task for room that will be there. */
  nominate(agent: number, row: number): Place {
    const later = this.#ahead();
    this.volumes?.place(row, agent, 1);
    const drawn = later.nominate(agent, row);
    this.#journal.note(() => {
      later.withdraw(agent, row, drawn);
      this.volumes?.place(row, agent, -1);
    });
    return { agent, row, tasks: 1 };
  }

  /** A Pod will be gone. @param role path of the role that it draws on */
  leave(pod: PodFacts, role: string | undefined): void {
    const later = this.#ahead();
    later.leave(pod, role);
    this.#journal.note(() => later.stay(pod));
  }

  /** A Pod that was to go will not. @param role path of the role that it draws on */
  stay(pod: PodFacts, role: string | undefined): void {
    const later = this.#ahead();
    later.stay(pod);
    this.#journal.note(() => later.leave(pod, role));
  }

  /** Rules and volumes count a Pod that will be there no more (-1), or again (1); its amounts and ports are not looked at. */
  count(pod: PodFacts, sign: 1 | -1): void {
    const later = this.#ahead();
    later.count(pod, sign);
    this.#journal.note(() => later.count(pod, sign === 1 ? -1 : 1));
  }

  /**
   * Ends the run.
   * @param nominated places that somebody waits for @returns what is left now that nobody took and nobody waits for
   */
  rest(nominated: readonly Place[]): Stock {
    const supply = this.#later?.openPart(this.supply) ?? this.supply;
    for (const { agent, row, tasks } of nominated) this.rules?.place(row, agent, tasks);
    return new Stock(this.matrices, supply, (agent) => this.#now.portsOf(agent), this.#now);
  }

  #ahead(): LaterRoom {
    return (this.#later ??= new LaterRoom(this.snapshot, this.matrices, this.#reserved, this.#now));
  }

  #fitNow(agent: number, row: number): number {
    const { demand, classes, allowed, n } = this.matrices;
    if (allowed[row * n + agent] === 0) return 0;
    const R = this.snapshot.columns.count;
    const byResources = this.#reserved.isAt(agent)
      ? fitByResources(this.#reserved.freeFor(this.#roleOf(row), agent, this.supply), demand, 0, row, R)
      : fitByResources(this.supply, demand, agent, row, R);
    if (byResources <= 0) return 0;
    const byPorts = fitByPorts(classes[row]!, this.#now.portsOf(agent));
    const byVolumes = this.volumes?.room(row, agent) ?? MOST_TASKS;
    return Math.min(byResources, byPorts, byVolumes, this.rules?.room(row, agent) ?? MOST_TASKS);
  }

  /** @returns all host ports that the tasks hold, the numbers of the dynamic ones, and all that nobody used on the agent before */
  #takePorts(agent: number, row: number, tasks: number) {
    const { fixedPorts, dynamicPorts } = this.matrices.classes[row]!.shape;
    if (dynamicPorts.length + fixedPorts.length === 0) return NO_PORTS;
    if (dynamicPorts.length > 0)
      this.#portUses ??= portUses(this.snapshot.ports.map((_, i) => this.#now.portsOf(i)));
    const ports = this.#now.ownPorts(agent);
    const used = new Set(fixedPorts.map(({ port }) => port).filter((number) => !ports.uses(number)));
    // Fixed ones first: a dynamic port must not get the number that its own task fixes.
    const held: HostPort[] = [];
    for (let t = 0; t < tasks; t++) held.push(...fixedPorts);
    for (const port of held) ports.take(port);
    if (dynamicPorts.length === 0) return { held, numbers: [], used };
    const dynamic = ports.draw(dynamicPorts, tasks, this.#portUses) ?? [];
    const numbers = dynamic.map(({ port }) => port);
    return { held: [...held, ...dynamic], numbers, used: new Set([...used, ...numbers]) };
  }

  /** Numbers came into use on an agent (1), or are not in use there any more (-1). They are counted once somebody asks. */
  #countUses(numbers: Iterable<number>, sign: 1 | -1): void {
    if (this.#portUses) for (const number of numbers) this.#portUses[number]! += sign;
  }

  #roleOf(row: number): string {
    return this.snapshot.frameworks[this.matrices.classes[row]!.framework]!.rolePath;
  }
}
