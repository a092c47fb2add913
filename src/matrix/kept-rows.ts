import { canonicalJson } from '../lib/hash.ts';
import { exclusionOf } from '../snapshot/constraints.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { DEFAULT_RANGE } from '../snapshot/port-ranges.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { TaskShape } from '../snapshot/workload.ts';
import { fitByPorts, fitByResources } from './cells/capacity.ts';
import { fullness, nodeScore } from './cells/priority.ts';
import { nodeWishes, type Wish } from './cells/wishes.ts';

/** Cells that are kept at most; a cell has nine bytes. */
const MOST_CELLS = 2_000_000;

/** Which agents the constraints of a class leave, and which of them it would rather have. */
interface Reach {
  readonly allowed: Uint8Array;
  wishes: readonly Wish[];
  /** Number of the row `allowed`: equal rows have the same. */
  kind: number;
  /** The cycle that it is of. */
  at: number;
}

/** What agents as such say to a class, n cells each. A later cycle writes over it: who keeps it copies it. */
export interface NodeRow {
  /** 1 where its constraints let it go. */
  readonly allowed: Uint8Array;
  readonly wishes: readonly Wish[];
  /** Tasks that the agent has resources and ports for; 0 where it is not allowed. */
  readonly fit: Int32Array;
  /** The agent's fullness as B has it, 0..1000. */
  readonly full: Int32Array;
}

interface Cells extends Pick<NodeRow, 'fit' | 'full'> {
  at: number;
}

/**
 * Rows over all agents that are kept from cycle to cycle: a cell is found anew when its agent changed. Classes share a row
 * when they ask for the same and their constraints leave the same agents, however those read. It changes no answer: rows
 * that are never kept are the same.
 */
export class KeptRows {
  #last: Snapshot | undefined;
  /** Counts pictures. */
  #cycle = 0;
  /** The cycle in which the object of each agent, and anything of it, last changed; and any object of all. */
  #objectAt = new Uint32Array();
  #nodeAt = new Uint32Array();
  #anyObjectAt = 0;
  readonly #reaches = new Map<string, Reach>();
  readonly #kinds = new Map<string, number>();
  readonly #cells = new Map<string, Cells>();
  /** Rows of this cycle alone. */
  readonly #passing = new Map<string, Cells>();
  readonly #askedBy = new WeakMap<TaskShape, { readonly reach: string; readonly cells: string }>();

  /** Takes in the picture of a cycle, before its rows are asked for. */
  observe(snapshot: Snapshot): void {
    const { agents, ports, supply } = snapshot;
    const R = snapshot.columns.count;
    const last = this.#last;
    const n = agents.length;
    this.#last = snapshot;
    this.#cycle++;
    this.#passing.clear();
    const isComparable = last?.agents.length === n && last.columns.count === R;
    if (!isComparable || (this.#cells.size + this.#reaches.size) * n > MOST_CELLS) {
      for (const kept of [this.#reaches, this.#kinds, this.#cells]) kept.clear();
      this.#objectAt = new Uint32Array(n);
      this.#nodeAt = new Uint32Array(n);
      return;
    }
    for (let i = 0; i < n; i++) {
      let isAsBefore = agents[i] === last.agents[i] && ports[i] === last.ports[i];
      // Room is also taken in the picture alone, for servers that grow in place.
      for (let r = i * R; isAsBefore && r < (i + 1) * R; r++) isAsBefore = supply[r] === last.supply[r];
      if (isAsBefore) continue;
      this.#nodeAt[i] = this.#cycle;
      if (agents[i] !== last.agents[i]) this.#objectAt[i] = this.#anyObjectAt = this.#cycle;
    }
  }

  /**
   * The row of a class in the picture that was taken in last.
   * @param demand D, k x R @param j its row there @param free S as the class finds it @param rolePath of its framework
   */
  rowOf(
    demandClass: DemandClass,
    demand: Float64Array,
    j: number,
    free: Float64Array,
    rolePath = '',
  ): NodeRow {
    const snapshot = this.#last!;
    const asked = this.#asked(demandClass.shape);
    const reach = this.#reachOf(asked.reach, demandClass, snapshot);
    const key = `${demandClass.scheduling} ${reach.kind} ${asked.cells}`;
    // What roles have reserved changes without the agent: such a row is of one cycle.
    const isKept = free === snapshot.supply;
    const from = isKept ? this.#cells : this.#passing;
    const name = isKept ? key : `${rolePath} ${key}`;
    let cells = from.get(name);
    if (!cells) {
      const n = snapshot.agents.length;
      from.set(name, (cells = { fit: new Int32Array(n), full: new Int32Array(n), at: -1 }));
    }
    if (cells.at < this.#cycle) this.#fill(cells, reach.allowed, demandClass, demand, j, free);
    return { allowed: reach.allowed, wishes: reach.wishes, fit: cells.fit, full: cells.full };
  }

  #fill(
    cells: Cells,
    allowed: Uint8Array,
    demandClass: DemandClass,
    demand: Float64Array,
    j: number,
    free: Float64Array,
  ): void {
    const { agents, allocatable, supply, ports, columns } = this.#last!;
    const R = columns.count;
    const { fixedPorts, dynamicPorts } = demandClass.shape;
    const hasPorts = fixedPorts.length + dynamicPorts.length > 0;
    for (let i = 0; i < agents.length; i++) {
      if (this.#nodeAt[i]! <= cells.at) continue;
      cells.full[i] = nodeScore(demandClass.scheduling, fullness(allocatable, supply, demand, i, j, R));
      let fit = allowed[i] === 1 ? fitByResources(free, demand, i, j, R) : 0;
      if (hasPorts && fit > 0) fit = Math.min(fit, fitByPorts(demandClass, ports[i]!));
      cells.fit[i] = fit;
    }
    cells.at = this.#cycle;
  }

  #reachOf(key: string, demandClass: DemandClass, { agents }: Snapshot): Reach {
    let reach = this.#reaches.get(key);
    if (!reach) {
      reach = { allowed: new Uint8Array(agents.length), wishes: [], kind: -1, at: -1 };
      this.#reaches.set(key, reach);
    }
    const { allowed, at } = reach;
    if (at < this.#anyObjectAt || at < 0) {
      const { constraints } = demandClass.shape;
      for (let i = 0; i < agents.length; i++)
        if (this.#objectAt[i]! > at) allowed[i] = exclusionOf(constraints, agents[i]!) === undefined ? 1 : 0;
      reach.wishes = nodeWishes(demandClass, agents, allowed);
      reach.kind = this.#kindOf(allowed);
    }
    reach.at = this.#cycle;
    return reach;
  }

  #kindOf(allowed: Uint8Array): number {
    const text = Buffer.from(allowed.buffer).toString('latin1');
    let kind = this.#kinds.get(text);
    if (kind === undefined) this.#kinds.set(text, (kind = this.#kinds.size));
    return kind;
  }

  #asked(shape: TaskShape): { readonly reach: string; readonly cells: string } {
    let asked = this.#askedBy.get(shape);
    if (!asked) {
      const { demand, constraints, fixedPorts, dynamicPorts } = shape;
      const ranges = dynamicPorts.map(({ range }) => range ?? DEFAULT_RANGE);
      asked = { reach: canonicalJson(constraints), cells: canonicalJson({ demand, fixedPorts, ranges }) };
      this.#askedBy.set(shape, asked);
    }
    return asked;
  }
}
