import type { Attribute, Unavailability } from './events.ts';
import type { MinAllocatable } from '../resources/min-allocatable.ts';
import type { AgentTest } from './offer-constraints.ts';
import type { EngineOptions } from './options.ts';
import { Resources, type Item } from '../resources/resource-bundle.ts';
import type { Kind } from '../resources/resource-kind.ts';
import { SlowSorter } from '../roles/slow-sorter.test-helper.ts';

export interface Agent {
  id: string;
  hostname: string;
  region: string | null;
  zone: string | null;
  attributes: readonly Attribute[];
  capabilities: readonly string[];
  total: Resources;
  window: Unavailability | null;
  /** Frameworks with an outstanding inverse offer, and when it ends. */
  inverse: Map<string, number>;
}
export interface Framework {
  id: string;
  active: boolean;
  roles: readonly string[];
  suppressed: ReadonlySet<string>;
  capabilities: readonly string[];
  min: Map<string, MinAllocatable>;
  constraints: Map<string, AgentTest | null>;
}
/** Something held: an offer (with a time limit), a task, or just used. */
export interface Piece {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
  resources: Resources;
  offer: { readonly end: number; readonly id: number } | null;
  task: string | null;
}
export interface Filter {
  readonly framework: string;
  readonly role: string | null;
  readonly agent: string;
  readonly resources: Resources;
  readonly end: number;
  /** Still holds in the batch run at its end. */
  readonly short: boolean;
}
export type Sums = Map<string, number>;

export const sumUp = (items: readonly Item[], sums: Sums = new Map()): Sums => {
  for (const { kind, amount } of items) sums.set(kind.name, (sums.get(kind.name) ?? 0) + amount);
  return sums;
};
export const scalars = (resources: Resources, keep: (kind: Kind) => boolean = () => true): Item[] =>
  resources.items.filter(
    ({ kind }, i) =>
      kind.type === 'scalar' && keep(kind) && !(kind.shared && resources.items[i - 1]?.kind === kind),
  );
const sum = (parts: Iterable<Resources>): Resources =>
  [...parts].reduce((a, b) => a.plus(b), Resources.empty);
export interface SlowResult {
  offers: [framework: string, role: string, agent: string, resources: Resources][];
  inverse: [framework: string, agent: string][];
  rescinded: [framework: string, role: string, agent: string, resources: Resources][];
  launched: string[];
}

/** The state on lists, and what can be read off it. */
export class SlowState {
  readonly options: EngineOptions;
  agents = new Map<string, Agent>();
  frameworks = new Map<string, Framework>();
  pieces: Piece[] = [];
  filters: Filter[] = [];
  weights = new Map<string, number>();
  quotas = new Map<string, { guarantee: Sums; limit: Sums }>();
  whitelist: readonly string[] | null = null;
  roleSorter = new SlowSorter(this.weights);
  sorters = new Map<string, SlowSorter>();
  now = 0;
  beforeBatch = true;
  paused = false;
  asked = new Set<string>();
  runs = 0;
  offersMade = 0;
  result: SlowResult = { offers: [], inverse: [], rescinded: [], launched: [] };

  constructor(options: EngineOptions) {
    this.options = options;
  }

  isLive = ({ end, short }: Filter): boolean =>
    end > this.now || (end === this.now && short && this.beforeBatch);
  held = (agent: string): Piece[] => this.pieces.filter((piece) => piece.agent === agent);
  tracked = (): Piece[] => this.pieces.filter(({ framework }) => this.frameworks.has(framework));
  available(agent: Agent): Resources {
    const used = sum(this.held(agent.id).map(({ resources }) => resources.filter((kind) => !kind.shared)));
    return agent.total.minus(used);
  }

  /** Sorters hold the roles and frameworks that are subscribed or still hold something; the offered are active. */
  sync(): void {
    const members = new Map<string, Map<string, boolean>>();
    for (const framework of this.frameworks.values()) {
      const held = this.pieces.filter((piece) => piece.framework === framework.id).map(({ role }) => role);
      for (const role of new Set([...framework.roles, ...held])) {
        if (!members.has(role)) members.set(role, new Map());
        const offered = framework.active && framework.roles.includes(role) && !framework.suppressed.has(role);
        members.get(role)!.set(framework.id, offered);
      }
    }
    for (const role of members.keys()) {
      if (this.sorters.has(role)) continue;
      this.roleSorter.add(role);
      this.roleSorter.setActive(role, true);
      this.sorters.set(role, new SlowSorter(new Map()));
    }
    for (const [role, sorter] of this.sorters) {
      const wanted = members.get(role) ?? new Map<string, boolean>();
      for (const id of wanted.keys()) if (!sorter.has(id)) sorter.add(id);
      for (const id of sorter.clients()) if (!wanted.has(id)) sorter.remove(id);
      for (const [id, offered] of wanted) sorter.setActive(id, offered);
      if (wanted.size > 0) continue;
      this.roleSorter.remove(role);
      this.sorters.delete(role);
    }
  }

  count(pieces: readonly Piece[]): void {
    this.sync();
    for (const { role, framework } of pieces) {
      if (!this.frameworks.has(framework)) continue;
      this.roleSorter.allocated(role);
      this.sorters.get(role)!.allocated(framework);
    }
  }

  dominant(pieces: readonly Piece[]): number {
    const seen = new Set<string>();
    const held: Sums = new Map();
    for (const { agent, resources } of pieces) {
      for (const { kind, amount } of scalars(resources)) {
        if (kind.shared && seen.size === seen.add(agent + kind.label).size) continue;
        held.set(kind.name, (held.get(kind.name) ?? 0) + amount);
      }
    }
    const totals = this.totals();
    const shares = [...held].filter(
      ([name]) => !this.options.fairnessExcluded.includes(name) && (totals.get(name) ?? 0) > 0,
    );
    return Math.max(0, ...shares.map(([name, amount]) => amount / totals.get(name)!));
  }

  totals(keep: (kind: Kind) => boolean = () => true): Sums {
    const sums: Sums = new Map();
    for (const { total } of this.agents.values()) sumUp(scalars(total, keep), sums);
    return sums;
  }
}
