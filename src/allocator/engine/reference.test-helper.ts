import { mix32, Prng, word32 } from '../../lib/prng.ts';
import { sumsOf } from '../resources/amounts.ts';
import { chop } from '../resources/chop.ts';
import { cutUnmeasured, evenCut } from '../resources/even-cut.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import { Resources, type Item } from '../resources/resource-bundle.ts';
import { columnOf, type Kind } from '../resources/resource-kind.ts';
import { TaskRoom, type TaskAmounts } from '../resources/task-room.ts';
import { dominantShare } from '../roles/dominant-share.ts';
import { isWithin, parentOf, topOf } from '../roles/role-path.ts';
import { EngineClock } from './clock.ts';
import type { Attribute } from './attributes.ts';
import type { Unavailability } from './events.ts';
import type { AgentTest } from './offer-constraints.ts';
import type { EngineOptions } from './options.ts';

/*
 * The allocator once more, as plain and slow as can be, to be read beside the facts: lists that are filtered and sums
 * that are computed whenever they are needed. The lists change in slow-master.test-helper.ts.
 */
export type Agent = {
  id: string;
  hostname: string;
  region: string | null;
  zone: string | null;
  attributes: readonly Attribute[];
  capabilities: readonly string[];
  total: Resources;
  isActive: boolean;
  window: Unavailability | null;
  /** Frameworks with an inverse offer, and when it ends. */
  inverse: Map<string, number>;
};
export type Framework = {
  id: string;
  active: boolean;
  roles: readonly string[];
  suppressed: readonly string[];
  capabilities: readonly string[];
  min: Map<string, MinAllocatable>;
  tests: Map<string, AgentTest | null>;
  demand: Tasks[] | null;
};
export type Tasks = { role: string; amounts: TaskAmounts; left: number };
/** Something held: an offer until some tick, a task, or neither, which is just used. */
export type Piece = Names & { resources: Resources; until?: number; task?: string };
export type Names = { framework: string; role: string; agent: string };
/** Of offers, or (role null) of inverse offers; one that refuses nothing and never ends counts a decline. */
export type Refusal = {
  framework: string;
  role: string | null;
  agent: string;
  resources: Resources;
  end: number;
};
/** Amounts by column. */
export type Sums = readonly number[];
type Plan = { given: readonly Item[]; extra: readonly Item[]; offer: Resources };
type Bidder = { framework: Framework; role: string; at: number; wants: (Tasks & { at: number })[] | null };

export const some = (sums: Sums): boolean => sums.some((x) => x > 0);
export const at = (sums: Sums, column: number): number => sums[column] ?? 0;
const plus = (a: Sums, b: Sums): Sums =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, column) => at(a, column) + at(b, column));
export const less = (a: Sums, b: Sums): number[] => a.map((x, column) => Math.max(0, x - at(b, column)));
export const scalars = ({ items }: Resources, keep: (kind: Kind) => boolean): Item[] =>
  items.filter(({ kind }) => kind.type === 'scalar' && keep(kind));
const chain = (role: string): string[] => (role === '' ? [] : [role, ...chain(parentOf(role) ?? '')]);

/** A sorter (2.2): its clients, and how often each node of their tree was served. */
export class Order {
  clients: readonly string[] = [];
  counts = new Map<string, number>();
  leaf = (path: string) => (this.clients.some((other) => other.startsWith(`${path}/`)) ? `${path}/.` : path);

  sync(clients: readonly string[]): void {
    const old = this.clients;
    this.clients = clients;
    const nodes = [...new Set(clients.flatMap((path) => chain(this.leaf(path))))];
    // A client that others come below goes on in a virtual leaf with its count.
    const from = (node: string): string =>
      old.includes(node.replace(/\/\.$/, '')) ? node.replace(/\/\.$/, '') : node;
    this.counts = new Map(
      nodes.map((node) => [node, this.counts.get(node) ?? this.counts.get(from(node)) ?? 0]),
    );
  }

  served(path: string): void {
    for (const node of chain(this.leaf(path))) this.counts.set(node, this.counts.get(node)! + 1);
  }

  sort(share: (node: string, clients: readonly string[]) => number, under = ''): string[] {
    const below = this.clients.filter((path) => this.leaf(path).startsWith(under));
    const groups = Map.groupBy(below, (path) => under + this.leaf(path).slice(under.length).split('/')[0]!);
    const keyed = [...groups].map(([node, all]) => ({
      node,
      all,
      share: share(node, all),
      count: this.counts.get(node)!,
    }));
    keyed.sort((a, b) => a.share - b.share || a.count - b.count || (a.node < b.node ? -1 : 1));
    return keyed.flatMap(({ node, all }) =>
      this.leaf(all[0]!) === node ? all : this.sort(share, `${node}/`),
    );
  }

  /** By lot; the same lots as the random sorter of the engine draws. */
  draw(active: readonly string[], weight: (node: string) => number, ...keys: number[]): string[] {
    const random = new Prng(...keys);
    const nodes = [...new Set(active.flatMap((path) => chain(this.leaf(path))))].sort();
    const part = (share: number, node: string): number => {
      const rivals = nodes.filter((other) => parentOf(other) === parentOf(node));
      return (share * weight(node)) / rivals.reduce((sum, rival) => sum + weight(rival), 0);
    };
    const lots = (path: string): number =>
      Math.max(1, Math.round(chain(this.leaf(path)).reduceRight(part, 1) * 2 ** 40));
    const left = active.toSorted((a, b) => (this.leaf(a) < this.leaf(b) ? -1 : 1));
    return active.map(() => {
      const fraction = (random.next() * 2 ** 21 + (random.next() >>> 11)) / 2 ** 53;
      let ticket = Math.floor(fraction * left.reduce((sum, path) => sum + lots(path), 0));
      return left.splice(
        left.findIndex((path) => (ticket -= lots(path)) < 0),
        1,
      )[0]!;
    });
  }
}

/** The state on lists, and the runs. */
export class Reference {
  agents = new Map<string, Agent>();
  frameworks = new Map<string, Framework>();
  pieces: Piece[] = [];
  refusals: Refusal[] = [];
  weights = new Map<string, number>();
  quotas = new Map<string, { guarantee: Sums; limit: Sums }>();
  whitelist: readonly string[] | null = null;
  roles = new Order();
  members = new Map<string, Order>();
  made: Piece[] = [];
  options: EngineOptions;
  clock: EngineClock;
  // Of the present run.
  #run = 0;
  #used = new Map<string, Sums>();
  #required: Sums = [];
  #headroom: Sums = [];
  #shared = new Map<string, Resources>();

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
    return sumsOf(
      plain,
      this.totals(({ reservedTo }) => reservedTo !== '' && isWithin(reservedTo, role)),
    );
  }

  /** Scalars held; copies of a shared thing count once for each agent. */
  #sums(pieces: readonly Piece[], keep: (kind: Kind) => boolean): number[] {
    const seen = new Set<string>();
    const isNew = (key: string): boolean => seen.size !== seen.add(key).size;
    const counted = ({ agent, resources }: Piece): Item[] =>
      scalars(resources, keep).filter(({ kind }) => !kind.shared || isNew(agent + kind.label));
    return sumsOf(pieces.flatMap(counted));
  }

  #share(pieces: readonly Piece[], weight: number): number {
    const excluded = new Set(this.options.fairnessExcluded.map(columnOf));
    return dominantShare(
      this.#sums(pieces, () => true),
      this.totals(() => true),
      weight,
      excluded,
    );
  }

  #free({ id, total }: Agent): Resources {
    const pieces = this.pieces.filter(({ agent }) => agent === id);
    const held = pieces.map(({ resources }) => resources.filter((kind) => !kind.shared));
    return total.minus(held.reduce((a, b) => a.plus(b), Resources.empty));
  }

  #rolesInOrder(...keys: number[]): readonly string[] {
    const weight = (node: string): number => this.weights.get(node) ?? 1;
    if (this.options.roleSorter === 'random')
      return this.roles.draw(this.roles.clients, weight, this.options.seed, this.#run, ...keys);
    return this.roles.sort((node, roles) =>
      this.#share(
        this.tracked(({ role }) => roles.includes(role)),
        weight(node),
      ),
    );
  }

  #frameworksInOrder(role: string, ...keys: number[]): Framework[] {
    const order = this.members.get(role)!;
    const offered = order.clients.filter((id) => this.isOffered(this.frameworks.get(id)!, role));
    const mine = (id: string): Piece[] =>
      this.tracked((piece) => piece.framework === id && piece.role === role);
    const ids =
      this.options.frameworkSorter === 'random'
        ? order.draw(offered, () => 1, this.options.seed, this.#run, ...keys, word32(role))
        : order.sort((id) => this.#share(mine(id), 1));
    return ids.filter((id) => offered.includes(id)).map((id) => this.frameworks.get(id)!);
  }

  /** Those that hold a role to account: itself, with nested limits also those above. */
  #accounts = (role: string): string[] => (this.options.nestedLimits ? chain(role) : [role]);
  #lacking = (role: string): number[] =>
    less(this.quotas.get(role)?.guarantee ?? [], this.#used.get(role) ?? []);
  #surplus = (): number[] | null => (some(this.#required) ? less(this.#headroom, this.#required) : null);

  /** What limits leave a role; absent = any; null = no limit. */
  #limits(role: string): number[] | null {
    const limited = this.#accounts(role).filter((path) => this.quotas.get(path)?.limit.some(() => true));
    const room: number[] = [];
    for (const path of limited) {
      for (const [column, free] of less(this.quotas.get(path)!.limit, this.#used.get(path)!).entries()) {
        if (column in this.quotas.get(path)!.limit) room[column] = Math.min(free, room[column] ?? Infinity);
      }
    }
    return limited.length === 0 ? null : room;
  }

  #charge(roles: readonly string[], taken: Sums, towards: Sums): void {
    for (const role of roles.filter((path) => this.quotas.has(path))) {
      this.#used.set(role, plus(this.#used.get(role)!, taken));
    }
    this.#required = less(this.#required, towards);
    this.#headroom = less(this.#headroom, taken);
  }

  /** A run over agents, by id. */
  allocate(agents: readonly Agent[]): void {
    const { seed } = this.options;
    const random = new Prng(seed, ++this.#run);
    const order = random.shuffle(
      agents.filter(({ isActive, hostname }) => isActive && this.whitelist?.includes(hostname) !== false),
    );
    this.#used = new Map([...this.quotas.keys()].map((role) => [role, this.consumed(role)]));
    this.#required = [];
    this.#required = [...this.quotas.keys()].map((role) => this.#lacking(role)).reduce(plus, []);
    const isReserved = (kind: Kind): boolean => kind.reservedTo !== '';
    const unheld = less(
      this.totals(() => true),
      this.#sums(
        this.tracked(() => true),
        () => true,
      ),
    );
    const kept = less(
      this.totals(isReserved),
      this.#sums(
        this.tracked(() => true),
        isReserved,
      ),
    );
    const revocable = [...this.agents.values()].flatMap((agent) =>
      scalars(this.#free(agent), (kind) => kind.revocable),
    );
    this.#headroom = less(less(unheld, kept), sumsOf(revocable));
    this.#shared.clear();
    if ([...this.frameworks.values()].some(({ demand }) => demand !== null)) return this.#fill(order);
    for (const stage of [1, 2] as const) {
      if (stage === 2) random.shuffle(order);
      for (const agent of order) {
        for (const role of this.#rolesInOrder(stage, word32(agent.id))) {
          for (const framework of this.#frameworksInOrder(role, stage, word32(agent.id))) {
            const plan = this.#plan(stage, agent, framework, role, this.#lacking(role));
            if (plan === null) continue;
            this.#charge(this.#accounts(role), sumsOf([...plan.given, ...plan.extra]), sumsOf(plan.given));
            this.#offer(framework.id, role, agent.id, plan.offer);
          }
        }
      }
    }
  }

  /** What may be offered of an agent under a role. */
  #view(agent: Agent, { capabilities, tests }: Framework, role: string): Resources {
    const { region, filterGpuResources } = this.options;
    const can = (capability: string): boolean => capabilities.includes(capability);
    const remote = region !== null && agent.region !== null && agent.region !== region;
    const gpus = filterGpuResources && agent.total.items.some(({ kind }) => kind.name === 'gpus');
    const takesRole =
      agent.capabilities.includes('MULTI_ROLE') &&
      (!role.includes('/') || agent.capabilities.includes('HIERARCHICAL_ROLE'));
    if (!takesRole || tests.get(role)?.(agent) === false) return Resources.empty;
    if ((remote && !can('REGION_AWARE')) || (gpus && !can('GPU_RESOURCES'))) return Resources.empty;
    return this.#free(agent)
      .minus(this.#shared.get(agent.id) ?? Resources.empty)
      .filter(
        (kind) =>
          (kind.reservedTo === '' || isWithin(role, kind.reservedTo)) &&
          (!kind.shared || can('SHARED_RESOURCES')) &&
          (!kind.revocable || can('REVOCABLE_RESOURCES')) &&
          (kind.reservations.length < 2 || can('RESERVATION_REFINEMENT')),
      );
  }

  #isRefused = (
    framework: Framework,
    role: string,
    agent: Agent,
    which: (resources: Resources) => boolean,
  ): boolean =>
    this.refusals.some(
      (other) =>
        other.framework === framework.id &&
        other.role === role &&
        other.agent === agent.id &&
        other.end > this.clock.now &&
        which(other.resources),
    );

  /** An offer of an agent (2.3 c to g), or null. */
  #plan(stage: 1 | 2, agent: Agent, framework: Framework, role: string, lacking: Sums): Plan | null {
    if (stage === 1 && !some(lacking)) return null;
    const view = this.#view(agent, framework, role);
    const plain = view.filter((kind) => kind.plain);
    const lot = mix32(mix32(mix32(this.options.seed, this.#run), stage), word32(agent.id));
    const given = stage === 1 ? chop(plain.items, [...lacking], 0, lot) : [];
    if (stage === 1 && given.length === 0) return null;
    let extra: readonly Item[] = plain.minus(Resources.of(given)).items;
    let along = view.filter(
      (kind) =>
        (stage === 1 ? kind.reservedTo === role : kind.reservedTo !== '') ||
        kind.type !== 'scalar' ||
        kind.revocable,
    );
    const limits = this.#limits(role);
    const room = limits === null ? null : less(limits, sumsOf(given));
    const surplus = this.#surplus();
    const most = (column: number): number =>
      at(sumsOf(given), column) +
      Math.min(room?.[column] ?? Infinity, surplus === null ? Infinity : at(surplus, column));
    const forbidden = (column: number): boolean =>
      this.#accounts(role).some((path) => this.quotas.get(path)?.limit[column] === 0);
    const cut = this.options.proportionalCuts ? evenCut(plain.items, most, forbidden) : null;
    if (cut !== null) along = cutUnmeasured(along, cut.part);
    if (cut !== null) extra = chop(extra, less(cut.amounts, sumsOf(given)), 0, lot);
    if (cut === null && room !== null) extra = chop(extra, [...room], Infinity, lot);
    if (cut === null && surplus !== null) extra = chop(extra, [...surplus], 0, lot);
    const offer = along.plus(Resources.of(given)).plus(Resources.of(extra));
    const min = framework.min.get(role) ?? new MinAllocatable(this.options.minAllocatable);
    if (
      !min.isMetBy(offer) ||
      this.#isRefused(framework, role, agent, (resources) => resources.contains(offer))
    )
      return null;
    return { given, extra, offer };
  }

  #offer(framework: string, role: string, agent: string, resources: Resources): void {
    const shared = resources.filter((kind) => kind.shared);
    this.#shared.set(agent, (this.#shared.get(agent) ?? Resources.empty).plus(shared));
    let piece = this.made.find(
      (other) => other.framework === framework && other.role === role && other.agent === agent,
    );
    if (piece === undefined) {
      const { offerTimeout } = this.options;
      const until = offerTimeout === null ? Infinity : this.clock.deadline(offerTimeout);
      piece = { framework, role, agent, resources: Resources.empty, until };
      this.made.push(piece);
      this.pieces.push(piece);
    }
    piece.resources = piece.resources.plus(resources);
    this.roles.served(role);
    this.members.get(role)!.served(framework);
  }

  /** Progressive filling: turn by turn, a task for those that declare what they want, an agent for the others. */
  #fill(order: readonly Agent[]): void {
    const bidders = [...this.frameworks.values()].flatMap((framework) =>
      framework.roles
        .filter((role) => this.isOffered(framework, role))
        .map((role) => this.#bidder(framework, role)),
    );
    for (const stage of [1, 2] as const) {
      let bidding = bidders.filter(({ role }) => stage === 2 || some(this.#lacking(topOf(role))));
      for (const bidder of bidding) if (bidder.wants === null) bidder.at = 0;
      for (let turn = 0; bidding.length > 0; turn++) {
        const role = this.#rolesInOrder(stage - 1, turn).find((path) =>
          bidding.some((bidder) => bidder.role === path),
        )!;
        const bidderOf = (framework: Framework): Bidder | undefined =>
          bidding.find((bidder) => bidder.framework === framework && bidder.role === role);
        const bidder = this.#frameworksInOrder(role, stage - 1, turn)
          .map(bidderOf)
          .find((found) => found !== undefined)!;
        this.#bids(bidder, stage, order, true);
        if (!this.#bids(bidder, stage, order, false)) bidding = bidding.filter((other) => other !== bidder);
      }
    }
  }

  /** A bidder with what it wants beyond the offers that are out to it. */
  #bidder(framework: Framework, role: string): Bidder {
    const wants =
      framework.demand?.filter((tasks) => tasks.role === role).map((tasks) => ({ ...tasks, at: 0 })) ?? null;
    for (const { resources } of this.pieces.filter(
      (piece) => piece.until !== undefined && piece.framework === framework.id && piece.role === role,
    )) {
      const used: number[] = [];
      for (const want of wants ?? []) {
        const room = ([column, amount]: readonly [number, number]): number =>
          Math.floor((resources.amountOf(column) - at(used, column)) / amount);
        const tasks = Math.min(want.left, ...want.amounts.map(room));
        want.left -= tasks;
        for (const [column, amount] of want.amounts) used[column] = at(used, column) + tasks * amount;
      }
    }
    return { framework, role, at: 0, wants };
  }

  /** Whether a bidder would take something in this stage; takes it if it is to. */
  #bids(bidder: Bidder, stage: 1 | 2, order: readonly Agent[], take: boolean): boolean {
    const { framework, role, wants } = bidder;
    const lacking = this.#lacking(topOf(role));
    const charge = (taken: Sums): void =>
      this.#charge(
        chain(role),
        taken,
        lacking.map((lack, column) => Math.min(lack, at(taken, column))),
      );
    if (wants === null) {
      for (; bidder.at < order.length; bidder.at++) {
        const agent = order[bidder.at]!;
        const open = lacking.map((lack, column) => Math.min(lack, this.#limits(role)?.[column] ?? Infinity));
        const plan = this.#plan(stage, agent, framework, role, open);
        if (plan === null) continue;
        if (!take) return true;
        charge(sumsOf([...plan.given, ...plan.extra]));
        this.#offer(framework.id, role, agent.id, plan.offer);
        bidder.at++;
        return true;
      }
      return false;
    }
    const totals = this.totals(() => true);
    const measured = ({ amounts }: Tasks) => amounts.filter(([column]) => at(totals, column) > 0);
    const want = wants.find(
      (tasks) =>
        tasks.left > 0 && (stage === 2 || measured(tasks).some(([column]) => at(lacking, column) > 0)),
    );
    if (want === undefined || !take) return want !== undefined;
    const [limits, surplus] = [this.#limits(role) ?? [], this.#surplus()];
    for (; want.at < order.length; want.at++) {
      const agent = order[want.at]!;
      const room = new TaskRoom(
        this.#view(agent, framework, role),
        want.amounts,
        (column) => at(totals, column) > 0,
      );
      if (room.tasks === 0 || this.#isRefused(framework, role, agent, (resources) => !resources.isEmpty))
        continue;
      const taken: number[] = [];
      measured(want).forEach(
        ([column, amount], i) => (taken[column] = Math.max(0, amount - room.reserved[i]!)),
      );
      const free = (column: number): number =>
        Math.min(
          limits[column] ?? Infinity,
          surplus === null ? Infinity : at(surplus, column) + (stage === 1 ? at(lacking, column) : 0),
        );
      if (taken.some((amount, column) => amount > free(column))) break;
      charge(Array.from(taken, (amount) => amount ?? 0));
      this.#offer(framework.id, role, agent.id, room.take(1));
      want.left--;
      return true;
    }
    want.left = 0;
    return false;
  }
}
