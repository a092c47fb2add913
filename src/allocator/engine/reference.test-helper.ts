import { mix32, Prng, word32 } from '../../lib/prng.ts';
import { sumsOf } from '../resources/amounts.ts';
import { chop } from '../resources/chop.ts';
import { cutUnmeasured, evenCut } from '../resources/even-cut.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import { Resources, type Item } from '../resources/resource-bundle.ts';
import { columnOf, type Kind } from '../resources/resource-kind.ts';
import type { TaskAmounts } from '../resources/task-room.ts';
import { dominantShare } from '../roles/dominant-share.ts';
import { isWithin } from '../../lib/role-path.ts';
import { chain, SlowOrder } from '../roles/slow-order.test-helper.ts';
import { EngineClock } from './clock.ts';
import type { AgentTest } from './offer-constraints.ts';
import type { EngineOptions } from './options.ts';
import type { AgentState } from './state.ts';

/*
 * The allocator once more, as plain and slow as can be, to be read beside the facts: lists that are filtered and sums
 * that are computed whenever they are needed. Here is Mesos' own run; the order of serving is in
 * roles/slow-order.test-helper.ts, progressive filling in slow-filling.test-helper.ts, and what events do to the lists in
 * slow-master.test-helper.ts.
 */
type AgentFields =
  'id' | 'hostname' | 'region' | 'zone' | 'attributes' | 'total' | 'active' | 'unavailability';
/** With the frameworks that have an inverse offer, and when it ends. */
export type Agent = Pick<AgentState, AgentFields> & Capable & { inverse: Map<string, number> };
export type Framework = Capable & {
  id: string;
  active: boolean;
  roles: readonly string[];
  suppressed: readonly string[];
  min: Map<string, MinAllocatable>;
  tests: Map<string, AgentTest | null>;
  demand: Tasks[] | null;
};
type Capable = { capabilities: readonly string[] };
export type Tasks = { role: string; amounts: TaskAmounts; left: number };
/** Something held: an offer until some tick, a task, or neither, which is just used. */
export type Piece = Names & { resources: Resources; until?: number; task?: string };
export type Names = { framework: string; role: string; agent: string };
/** Of offers, or (role null) of inverse offers; one that refuses nothing and never ends counts a decline. */
export type Refusal = MaybeInverse & { resources: Resources; end: number };
type MaybeInverse = Omit<Names, 'role'> & { role: string | null };
/** Amounts by column. */
export type Sums = readonly number[];
export type Plan = { given: readonly Item[]; extra: readonly Item[]; offer: Resources };

export const any = (): boolean => true;
/** Whether something is of these names. */
export const isOf =
  ({ framework, role, agent }: Names) =>
  (other: MaybeInverse): boolean =>
    other.framework === framework && other.role === role && other.agent === agent;
export const some = (sums: Sums): boolean => sums.some((x) => x > 0);
export const at = (sums: Sums, column: number): number => sums[column] ?? 0;
const plus = (a: Sums, b: Sums): Sums =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, column) => at(a, column) + at(b, column));
export const less = (a: Sums, b: Sums): number[] => a.map((x, column) => Math.max(0, x - at(b, column)));
export const scalars = ({ items }: Resources, keep: (kind: Kind) => boolean): Item[] =>
  items.filter(({ kind }) => kind.type === 'scalar' && keep(kind));

/** The state on lists, and the runs. */
export class Reference {
  agents = new Map<string, Agent>();
  frameworks = new Map<string, Framework>();
  pieces: Piece[] = [];
  refusals: Refusal[] = [];
  weights = new Map<string, number>();
  quotas = new Map<string, { guarantee: Sums; limit: Sums }>();
  whitelist: readonly string[] | null = null;
  roles = new SlowOrder();
  members = new Map<string, SlowOrder>();
  made: Piece[] = [];
  options: EngineOptions;
  clock: EngineClock;
  // Of the present run.
  runs = 0;
  used = new Map<string, Sums>();
  required: Sums = [];
  headroom: Sums = [];
  shared = new Map<string, Resources>();

  constructor(options: EngineOptions) {
    this.options = options;
    this.clock = new EngineClock(options.interval);
  }

  tracked = (which: (piece: Piece) => boolean): Piece[] =>
    this.pieces.filter((piece) => this.frameworks.has(piece.framework) && which(piece));
  totals = (keep: (kind: Kind) => boolean): number[] =>
    sumsOf([...this.agents.values()].flatMap(({ total }) => scalars(total, keep)));
  isOffered = ({ active, roles, suppressed }: Framework, role: string): boolean =>
    active && roles.includes(role) && !suppressed.includes(role);

  /** What a role's subtree has used up of quota, offers included. */
  consumed(role: string): number[] {
    const mine = this.tracked((piece) => isWithin(piece.role, role));
    const plain = mine.flatMap(({ resources }) => scalars(resources, (kind) => kind.plain));
    const isMine = ({ reservedTo }: Kind): boolean => reservedTo !== '' && isWithin(reservedTo, role);
    return sumsOf(plain, this.totals(isMine));
  }

  /** Scalars held; copies of a shared thing count once for each agent. */
  sums(pieces: readonly Piece[], keep: (kind: Kind) => boolean): number[] {
    const seen = new Set<string>();
    const isNew = (key: string): boolean => seen.size !== seen.add(key).size;
    const counted = ({ agent, resources }: Piece): Item[] =>
      scalars(resources, keep).filter(({ kind }) => !kind.shared || isNew(agent + kind.label));
    return sumsOf(pieces.flatMap(counted));
  }

  share(pieces: readonly Piece[], weight: number): number {
    const excluded = new Set(this.options.fairnessExcluded.map(columnOf));
    return dominantShare(this.sums(pieces, any), this.totals(any), weight, excluded);
  }

  free({ id, total }: Agent): Resources {
    const pieces = this.pieces.filter(({ agent }) => agent === id);
    const held = pieces.map(({ resources }) => resources.filter((kind) => !kind.shared));
    return total.minus(held.reduce((a, b) => a.plus(b), Resources.empty));
  }

  rolesInOrder(...keys: number[]): readonly string[] {
    const weight = (node: string): number => this.weights.get(node) ?? 1;
    if (this.options.roleSorter === 'random')
      return this.roles.draw(this.roles.clients, weight, this.options.seed, this.runs, ...keys);
    const held = (roles: readonly string[]): Piece[] => this.tracked(({ role }) => roles.includes(role));
    return this.roles.sort((node, roles) => this.share(held(roles), weight(node)));
  }

  frameworksInOrder(role: string, ...keys: number[]): Framework[] {
    const order = this.members.get(role)!;
    const offered = order.clients.filter((id) => this.isOffered(this.frameworks.get(id)!, role));
    const mine = (id: string): Piece[] =>
      this.tracked((piece) => piece.framework === id && piece.role === role);
    const ids =
      this.options.frameworkSorter === 'random'
        ? order.draw(offered, () => 1, this.options.seed, this.runs, ...keys, word32(role))
        : order.sort((id) => this.share(mine(id), 1));
    return ids.filter((id) => offered.includes(id)).map((id) => this.frameworks.get(id)!);
  }

  /** Those that hold a role to account: itself, with nested limits also those above. */
  accounts = (role: string): string[] => (this.options.nestedLimits ? chain(role) : [role]);
  lacking = (role: string): number[] =>
    less(this.quotas.get(role)?.guarantee ?? [], this.used.get(role) ?? []);
  surplus = (): number[] | null => (some(this.required) ? less(this.headroom, this.required) : null);

  /** What limits leave a role; absent = any; null = no limit. */
  limits(role: string): number[] | null {
    const limited = this.accounts(role).filter((path) => this.quotas.get(path)?.limit.some(() => true));
    const room: number[] = [];
    for (const path of limited) {
      for (const [column, free] of less(this.quotas.get(path)!.limit, this.used.get(path)!).entries()) {
        if (column in this.quotas.get(path)!.limit) room[column] = Math.min(free, room[column] ?? Infinity);
      }
    }
    return limited.length === 0 ? null : room;
  }

  charge(roles: readonly string[], taken: Sums, towards: Sums): void {
    for (const role of roles.filter((path) => this.quotas.has(path))) {
      this.used.set(role, plus(this.used.get(role)!, taken));
    }
    this.required = less(this.required, towards);
    this.headroom = less(this.headroom, taken);
  }

  /** A run over agents, by id. */
  allocate(agents: readonly Agent[]): void {
    const { seed } = this.options;
    const random = new Prng(seed, ++this.runs);
    const isListed = ({ hostname }: Agent): boolean => this.whitelist?.includes(hostname) !== false;
    const order = random.shuffle(agents.filter((agent) => agent.active && isListed(agent)));
    this.used = new Map([...this.quotas.keys()].map((role) => [role, this.consumed(role)]));
    this.required = [];
    this.required = [...this.quotas.keys()].map((role) => this.lacking(role)).reduce(plus, []);
    const isReserved = (kind: Kind): boolean => kind.reservedTo !== '';
    const unheld = less(this.totals(any), this.sums(this.tracked(any), any));
    const kept = less(this.totals(isReserved), this.sums(this.tracked(any), isReserved));
    const free = [...this.agents.values()].flatMap((agent) => this.free(agent).items);
    const revocable = free.filter(({ kind }) => kind.revocable && kind.type === 'scalar');
    this.headroom = less(less(unheld, kept), sumsOf(revocable));
    this.shared.clear();
    if (this.fill(order)) return;
    for (const stage of [1, 2] as const) {
      if (stage === 2) random.shuffle(order);
      for (const agent of order) {
        for (const role of this.rolesInOrder(stage, word32(agent.id))) {
          for (const framework of this.frameworksInOrder(role, stage, word32(agent.id))) {
            const plan = this.plan(stage, agent, framework, role, this.lacking(role));
            if (plan === null) continue;
            this.charge(this.accounts(role), sumsOf([...plan.given, ...plan.extra]), sumsOf(plan.given));
            this.offer({ framework: framework.id, role, agent: agent.id }, plan.offer);
          }
        }
      }
    }
  }

  /** What may be offered of an agent under a role. */
  view(agent: Agent, { capabilities, tests }: Framework, role: string): Resources {
    const { region, filterGpuResources } = this.options;
    const can = (capability: string): boolean => capabilities.includes(capability);
    const remote = region !== null && agent.region !== null && agent.region !== region;
    const gpus = filterGpuResources && agent.total.items.some(({ kind }) => kind.name === 'gpus');
    const takesRole =
      agent.capabilities.includes('MULTI_ROLE') &&
      (!role.includes('/') || agent.capabilities.includes('HIERARCHICAL_ROLE'));
    if (!takesRole || tests.get(role)?.(agent) === false) return Resources.empty;
    if ((remote && !can('REGION_AWARE')) || (gpus && !can('GPU_RESOURCES'))) return Resources.empty;
    return this.free(agent)
      .minus(this.shared.get(agent.id) ?? Resources.empty)
      .filter(
        (kind) =>
          (kind.reservedTo === '' || isWithin(role, kind.reservedTo)) &&
          (!kind.shared || can('SHARED_RESOURCES')) &&
          (!kind.revocable || can('REVOCABLE_RESOURCES')) &&
          (kind.reservations.length < 2 || can('RESERVATION_REFINEMENT')),
      );
  }

  /** Fills the agents task by task, if some framework declares what it wants; see slow-filling.test-helper.ts. */
  fill(_order: readonly Agent[]): boolean {
    return false;
  }

  refused = (names: Names): Resources[] =>
    this.refusals
      .filter((refusal) => isOf(names)(refusal) && refusal.end > this.clock.now)
      .map(({ resources }) => resources);

  /** An offer of an agent (2.3 c to g), or null. */
  plan(stage: 1 | 2, agent: Agent, framework: Framework, role: string, lacking: Sums): Plan | null {
    if (stage === 1 && !some(lacking)) return null;
    const view = this.view(agent, framework, role);
    const plain = view.filter((kind) => kind.plain);
    const lot = mix32(mix32(mix32(this.options.seed, this.runs), stage), word32(agent.id));
    const given = stage === 1 ? chop(plain.items, [...lacking], 0, lot) : [];
    if (stage === 1 && given.length === 0) return null;
    let extra: readonly Item[] = plain.minus(Resources.of(given)).items;
    const comesAlong = ({ reservedTo }: Kind): boolean =>
      stage === 1 ? reservedTo === role : reservedTo !== '';
    let along = view.filter((kind) => comesAlong(kind) || kind.type !== 'scalar' || kind.revocable);
    const limits = this.limits(role);
    const room = limits === null ? null : less(limits, sumsOf(given));
    const surplus = this.surplus();
    const free = (column: number): number => (surplus === null ? Infinity : at(surplus, column));
    const most = (column: number): number =>
      at(sumsOf(given), column) + Math.min(room?.[column] ?? Infinity, free(column));
    const forbidden = (column: number): boolean =>
      this.accounts(role).some((path) => this.quotas.get(path)?.limit[column] === 0);
    const cut = this.options.proportionalCuts ? evenCut(plain.items, most, forbidden) : null;
    if (cut !== null) along = cutUnmeasured(along, cut.part);
    if (cut !== null) extra = chop(extra, less(cut.amounts, sumsOf(given)), 0, lot);
    if (cut === null && room !== null) extra = chop(extra, [...room], Infinity, lot);
    if (cut === null && surplus !== null) extra = chop(extra, [...surplus], 0, lot);
    const offer = along.plus(Resources.of(given)).plus(Resources.of(extra));
    const min = framework.min.get(role) ?? new MinAllocatable(this.options.minAllocatable);
    const refused = this.refused({ framework: framework.id, role, agent: agent.id });
    if (!min.isMetBy(offer) || refused.some((resources) => resources.contains(offer))) return null;
    return { given, extra, offer };
  }

  offer(names: Names, resources: Resources): void {
    const { framework, role, agent } = names;
    const shared = resources.filter((kind) => kind.shared);
    this.shared.set(agent, (this.shared.get(agent) ?? Resources.empty).plus(shared));
    let piece = this.made.find(isOf(names));
    if (piece === undefined) {
      const { offerTimeout } = this.options;
      const until = offerTimeout === null ? Infinity : this.clock.deadline(offerTimeout);
      piece = { ...names, resources: Resources.empty, until };
      this.made.push(piece);
      this.pieces.push(piece);
    }
    piece.resources = piece.resources.plus(resources);
    this.roles.served(role);
    this.members.get(role)!.served(framework);
  }
}
