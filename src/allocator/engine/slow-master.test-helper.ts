import { MinAllocatable } from '../resources/min-allocatable.ts';
import { sumsOf } from '../resources/amounts.ts';
import { Resources } from '../resources/resource-bundle.ts';
import { columnOf } from '../resources/resource-kind.ts';
import { isTask } from '../resources/task-room.ts';
import { isWithin } from '../../lib/role-path.ts';
import { SlowOrder } from '../roles/slow-order.test-helper.ts';
import { amountsOf } from './demand.ts';
import type { Demand, EngineEvent } from './events.ts';
import { compileConstraints } from './offer-constraints.ts';
import {
  at,
  isOf,
  less,
  scalars,
  some,
  type Agent,
  type Framework,
  type Names,
  type Piece,
  type Refusal,
  type Sums,
} from './reference.test-helper.ts';
import { SlowFilling } from './slow-filling.test-helper.ts';

type Event<K extends EngineEvent['kind']> = Extract<EngineEvent, { kind: K }>;

const ALL = ['MULTI_ROLE', 'HIERARCHICAL_ROLE'];
const isOffer = ({ until }: Piece): boolean => until !== undefined;
const byColumn = (amounts: ReadonlyMap<string, number>): number[] => {
  const sums: number[] = [];
  for (const [name, amount] of amounts) sums[columnOf(name)] = amount;
  return sums;
};

/** What events do to the lists, and when runs are made. It is told only of events that the engine accepted. */
export class SlowMaster extends SlowFilling {
  rescinded: Piece[] = [];
  inverse: string[] = [];
  launched: string[] = [];
  #asked = new Set<string>();
  #hold = { agents: 0, until: 0 };
  #paused = false;

  apply(event: EngineEvent, now: number): void {
    this.made = [];
    this.rescinded = [];
    this.inverse = [];
    this.launched = [];
    this.clock.advance(now);
    this.#rescind(({ until }) => until! <= this.clock.now);
    for (const { inverse } of this.agents.values()) {
      for (const [id, end] of inverse) if (end <= this.clock.now) inverse.delete(id);
    }
    const asked = [...this.#change(event)];
    this.#sync();
    if (this.agents.size >= this.#hold.agents || this.clock.now >= this.#hold.until) {
      this.#hold = { agents: 0, until: 0 };
      for (const id of asked) this.#asked.add(id);
    }
    if (!this.#paused && this.#asked.size > 0) {
      const agents = [...this.#asked].sort().map((id) => this.agents.get(id)!);
      this.#asked.clear();
      this.allocate(agents);
      for (const agent of agents)
        if (agent.active && agent.unavailability !== null) this.#offerInverse(agent);
    }
    if (event.kind === 'batch') this.clock.endBatch();
  }

  #offerInverse({ id: agent, inverse }: Agent): void {
    const { offerTimeout } = this.options;
    const users = new Set(
      this.pieces.filter((piece) => piece.agent === agent).map(({ framework }) => framework),
    );
    for (const framework of [...users].sort()) {
      const refused = this.refusals.some(
        (other) =>
          other.role === null &&
          other.framework === framework &&
          other.agent === agent &&
          other.end > this.clock.now,
      );
      if (this.frameworks.get(framework)?.active !== true || inverse.has(framework) || refused) continue;
      inverse.set(framework, offerTimeout === null ? Infinity : this.clock.deadline(offerTimeout));
      this.inverse.push(`${framework} ${agent}`);
    }
  }

  /** Sorters hold those who subscribe or still hold something. Refusals are forgotten with the membership. */
  #sync(): void {
    const members = new Map<string, string[]>();
    for (const { id, roles } of this.frameworks.values()) {
      const held = this.pieces.filter(({ framework }) => framework === id).map(({ role }) => role);
      for (const role of new Set([...roles, ...held])) members.set(role, [...(members.get(role) ?? []), id]);
    }
    this.roles.sync([...members.keys()]);
    for (const role of this.members.keys()) if (!members.has(role)) this.members.delete(role);
    for (const [role, ids] of members) {
      if (!this.members.has(role)) this.members.set(role, new SlowOrder());
      this.members.get(role)!.sync(ids);
    }
    this.#forget(({ framework, role }) => role !== null && members.get(role)?.includes(framework) !== true);
  }

  #count(pieces: readonly Piece[]): void {
    this.#sync();
    for (const { role, framework } of pieces) {
      if (!this.frameworks.has(framework)) continue;
      this.roles.served(role);
      this.members.get(role)!.served(framework);
    }
  }

  #piecesOf = (names: Names): Piece[] => this.pieces.filter(isOf(names));

  #rescind(which: (piece: Piece) => boolean): void {
    const gone = this.pieces.filter((piece) => isOffer(piece) && which(piece));
    this.pieces = this.pieces.filter((piece) => !gone.includes(piece));
    this.rescinded.push(...gone);
  }

  #forget(which: (refusal: Refusal) => boolean): void {
    this.refusals = this.refusals.filter((refusal) => !which(refusal));
  }

  #forgetRoles(id: string, roles: readonly string[], inverse: boolean): void {
    this.#forget(
      ({ framework, role }) => framework === id && (role === null ? inverse : roles.includes(role)),
    );
  }

  /** Makes the event's change. @returns the agents that a run is asked for */
  #change(event: EngineEvent): Iterable<string> {
    const { agents, frameworks, clock } = this;
    const agent =
      'agent' in event ? agents.get(event.agent)! : 'id' in event ? agents.get(event.id)! : undefined!;
    const framework = frameworks.get('framework' in event ? event.framework : 'id' in event ? event.id : '')!;
    switch (event.kind) {
      case 'agent': {
        const {
          hostname = event.id,
          region = null,
          zone = null,
          attributes = [],
          capabilities = ALL,
        } = event;
        const base = { id: event.id, hostname, region, zone, attributes, capabilities, total: event.total };
        agents.set(event.id, { ...base, active: true, unavailability: null, inverse: new Map() });
        const used = Object.entries(event.used ?? {}).flatMap(([id, roles]) =>
          Object.entries(roles).map(([role, resources]) => ({
            framework: id,
            role,
            agent: event.id,
            resources,
          })),
        );
        this.pieces.push(...used);
        this.#count(used);
        return [event.id];
      }
      case 'updateAgent': {
        const { kind: _, ...changes } = event;
        const isNew = (field: keyof Agent): boolean =>
          field in changes && JSON.stringify(agent[field]) !== JSON.stringify(changes[field as 'id']);
        const isChanged = (Object.keys(changes) as (keyof Agent)[]).some(isNew);
        const forAll = isNew('attributes');
        this.#forget(
          ({ agent: id, resources, role }) =>
            id === event.id && (forAll || (isChanged && role !== null && resources.isEmpty)),
        );
        Object.assign(agent, changes);
        return isChanged ? [event.id] : [];
      }
      case 'removeAgent':
      case 'deactivateAgent':
      case 'activateAgent':
        agent.active = event.kind === 'activateAgent';
        if (agent.active) return [];
        this.#rescind((piece) => piece.agent === event.id);
        agent.inverse.clear();
        if (event.kind === 'deactivateAgent') return [];
        this.pieces = this.pieces.filter((piece) => piece.agent !== event.id);
        this.#forget((refusal) => refusal.agent === event.id);
        agents.delete(event.id);
        this.#asked.delete(event.id);
        return [];
      case 'failover': {
        const most = this.quotas.size === 0 ? 0 : Math.floor(event.agents * 0.8);
        this.#hold = { agents: most, until: clock.deadline(600) };
        return [];
      }
      case 'framework': {
        const { id, roles, active = true, capabilities = [], suppressed = [] } = event;
        const lists = { min: new Map(), tests: new Map(), demand: null };
        frameworks.set(id, { id, roles: [...new Set(roles)], active, capabilities, suppressed, ...lists });
        this.#settle(event);
        this.#count(this.pieces.filter((piece) => piece.framework === event.id));
        return event.active === false ? [] : agents.keys();
      }
      case 'updateFramework': {
        const { roles: old, suppressed: silent } = framework;
        const { roles = old, suppressed = silent, capabilities = framework.capabilities } = event;
        Object.assign(framework, {
          roles,
          capabilities,
          suppressed: suppressed.filter((role) => roles.includes(role)),
        });
        const left = old.filter((role) => !roles.includes(role));
        this.#sync();
        this.#rescind((piece) => piece.framework === event.id && left.includes(piece.role));
        for (const role of left) [framework.min, framework.tests].map((map) => map.delete(role));
        framework.demand = framework.demand?.filter(({ role }) => roles.includes(role)) ?? null;
        const heard = silent.filter((role) => roles.includes(role) && !framework.suppressed.includes(role));
        this.#forgetRoles(event.id, left, false);
        this.#forgetRoles(event.id, heard, heard.length > 0);
        this.#settle(event);
        return [];
      }
      case 'activate':
      case 'deactivate':
      case 'removeFramework':
        framework.active = event.kind === 'activate';
        if (framework.active) return agents.keys();
        this.#rescind((piece) => piece.framework === framework.id);
        this.#forget((refusal) => refusal.framework === framework.id);
        for (const { inverse } of agents.values()) inverse.delete(framework.id);
        if (event.kind === 'deactivate') return [];
        frameworks.delete(framework.id);
        this.pieces = this.pieces.filter((piece) => piece.framework !== framework.id);
        return [];
      case 'suppress':
      case 'revive': {
        const roles = event.roles === undefined || event.roles.length === 0 ? framework.roles : event.roles;
        if (roles.some((role) => !framework.roles.includes(role))) return [];
        const others = framework.suppressed.filter((role) => !roles.includes(role));
        framework.suppressed = event.kind === 'suppress' ? [...others, ...roles] : others;
        if (event.kind === 'suppress') return [];
        this.#forgetRoles(framework.id, roles, true);
        return agents.keys();
      }
      case 'weight':
        this.weights.set(event.role, event.weight);
        if (this.roles.clients.includes(event.role)) this.#rescind(() => true);
        return [];
      case 'quota':
        this.#setQuota(event);
        return [];
      case 'recover': {
        const isDecline = this.#piecesOf(event).some(
          (piece) => isOffer(piece) && event.resources.contains(piece.resources),
        );
        this.#refuse(event, event.resources, event.refuseSeconds, isDecline);
        this.#giveBack(event, event.resources);
        return [];
      }
      case 'recoverAll':
        this.pieces = this.pieces.filter(({ until }) => until === undefined);
        return [];
      case 'convert': {
        const pieces = this.#piecesOf(event).filter(
          ({ task, resources }) => task === undefined && resources.contains(event.from),
        );
        const piece = pieces.find(({ until }) => until === undefined) ?? pieces[0]!;
        piece.resources = piece.resources.minus(event.from).plus(event.to);
        agent.total = agent.total.minus(event.from).plus(event.to);
        return [];
      }
      case 'reserve':
        agent.total = agent.total.minus(event.from).plus(event.to);
        return [];
      case 'whitelist':
        this.whitelist = event.hostnames;
        return [];
      case 'unavailability':
        this.#rescind((piece) => piece.agent === event.agent);
        agent.inverse.clear();
        Object.assign(agent, { unavailability: event.window });
        this.#forget((refusal) => refusal.role === null && refusal.agent === event.agent);
        return [event.agent];
      case 'inverseAnswer': {
        agent.inverse.delete(event.framework);
        const end = clock.inverseFilterEnd(event.refuseSeconds);
        if (end !== null)
          this.refusals.push({
            framework: event.framework,
            role: null,
            agent: event.agent,
            resources: Resources.empty,
            end,
          });
        return [];
      }
      case 'offerConstraints':
        framework.tests.set(event.role, compileConstraints(event.groups, ''));
        return [];
      case 'accept':
        this.#accept(event, framework, agent);
        return [];
      case 'finish':
        this.pieces = this.pieces.filter(({ task }) => task !== event.task);
        return [];
      case 'batch':
        return agents.keys();
      case 'pause':
      case 'resume':
        this.#paused = event.kind === 'pause';
        return [];
    }
  }

  #settle({ id, minAllocatable, demand }: Event<'framework' | 'updateFramework'>): void {
    const framework = this.frameworks.get(id)!;
    if (minAllocatable !== undefined) {
      framework.min = new Map(
        Object.entries(minAllocatable).map(([role, sets]) => [role, new MinAllocatable(sets)]),
      );
    }
    const [only] = framework.roles;
    if (demand !== undefined) {
      const tasksOf = ({ resources, count, role = only! }: Demand) => ({
        role,
        amounts: amountsOf(resources),
        left: count,
      });
      framework.demand = demand?.map(tasksOf) ?? null;
    }
  }

  #setQuota({ role, guarantee, limit }: Event<'quota'>): void {
    this.quotas.delete(role);
    const quota = { guarantee: byColumn(guarantee), limit: byColumn(limit) };
    if (!some(quota.guarantee) && limit.size === 0) return;
    this.quotas.set(role, quota);
    const plain = ({ resources }: Piece): Sums => sumsOf(scalars(resources, (kind) => kind.plain));
    const key = (piece: Piece): string => [piece.role, piece.framework, piece.agent, ''].join('\u0000');
    const offers = this.pieces.filter(isOffer).sort((a, b) => (key(a) < key(b) ? -1 : 1));
    for (const piece of offers.filter((offer) => isWithin(offer.role, role))) {
      const used = this.consumed(role);
      if (quota.limit.some((most, column) => at(used, column) > most && at(plain(piece), column) > 0))
        this.#rescind((other) => other === piece);
    }
    let freed: Sums = [];
    const others = offers.filter((offer) => !isWithin(offer.role, role));
    others.sort((a, b) => (a.agent < b.agent ? -1 : Number(a.agent > b.agent)));
    for (const [i, piece] of others.entries()) {
      const lacking = less(less(quota.guarantee, this.consumed(role)), freed);
      if (!some(lacking) && others[i - 1]?.agent !== piece.agent) return;
      freed = sumsOf(
        scalars(piece.resources, (kind) => kind.plain),
        [...freed],
      );
      this.#rescind((other) => other === piece);
    }
  }

  /** Whole offers first, then what is used outside of tasks, then part of an offer, the rest of which is accepted. */
  #giveBack(names: Names, resources: Resources): void {
    let left = resources;
    const mine = this.#piecesOf(names).filter(({ task }) => task === undefined);
    for (const piece of mine.filter(isOffer)) {
      if (left.isEmpty || !left.contains(piece.resources)) continue;
      left = left.minus(piece.resources);
      piece.resources = Resources.empty;
    }
    const used = mine.find(({ until }) => until === undefined) ?? { ...names, resources: Resources.empty };
    if (!mine.includes(used)) this.pieces.push(used);
    if (!used.resources.contains(left)) {
      for (const piece of mine.filter(isOffer)) {
        used.resources = used.resources.plus(piece.resources);
        piece.resources = Resources.empty;
      }
    }
    used.resources = used.resources.minus(left);
    this.pieces = this.pieces.filter((piece) => !piece.resources.isEmpty);
  }

  #accept(event: Event<'accept'>, { capabilities, demand }: Framework, agent: Agent): void {
    const offers = this.#piecesOf(event).filter(isOffer);
    if (offers.length === 0) return;
    const offered = offers.reduce((sum, { resources }) => sum.plus(resources), Resources.empty);
    this.pieces = this.pieces.filter((piece) => !offers.includes(piece));
    let left = offered;
    let isUsed = false;
    for (const operation of event.operations) {
      for (const { id, resources } of operation.kind === 'launch' ? operation.tasks : []) {
        if (this.pieces.some(({ task }) => task === id) || resources.isEmpty || !left.contains(resources))
          continue;
        isUsed = true;
        left = left.minus(resources);
        this.pieces.push({
          framework: event.framework,
          role: event.role,
          agent: event.agent,
          resources,
          task: id,
        });
        this.launched.push(id);
        const met = demand?.find(
          (want) => want.role === event.role && want.left > 0 && isTask(resources, want.amounts),
        );
        if (met !== undefined) met.left--;
      }
      if (operation.kind === 'launch') continue;
      const { items } = operation.resources;
      const outer = operation.resources.withoutInnermost();
      const [from, to] =
        operation.kind === 'reserve' ? [outer, operation.resources] : [operation.resources, outer];
      const fits = items.every(
        ({ kind }) =>
          kind.reservedTo === event.role &&
          !kind.whole &&
          (kind.reservations.length === 1 || capabilities.includes('RESERVATION_REFINEMENT')),
      );
      if (!fits || items.length === 0 || !left.contains(from)) continue;
      isUsed = true;
      left = left.minus(from).plus(to);
      agent.total = agent.total.minus(from).plus(to);
    }
    if (isUsed) this.#forget((refusal) => isOf(event)(refusal) && refusal.resources.isEmpty);
    this.#refuse(event, left.minus(left.minus(offered)), event.refuseSeconds, !isUsed);
  }

  /** Keeps a bundle from a framework; one that declines again and again may be kept from it for longer. */
  #refuse(
    { framework, role, agent }: Names,
    resources: Resources,
    refuseSeconds: number | null,
    isDecline: boolean,
  ): void {
    const names = { framework, role, agent };
    const most = this.options.declineBackOff;
    const before = this.refusals.filter((other) => isOf(names)(other) && other.resources.isEmpty).length;
    const backsOff = isDecline && most !== null;
    if (backsOff) this.refusals.push({ ...names, resources: Resources.empty, end: Infinity });
    const end = this.clock.filterEnd(
      backsOff ? this.clock.backOff(refuseSeconds, before, most) : refuseSeconds,
    );
    if (end !== null && !resources.isEmpty) this.refusals.push({ ...names, resources, end });
  }
}
