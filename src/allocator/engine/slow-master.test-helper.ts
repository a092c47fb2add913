import { sameAttributes } from './attributes.ts';
import type { EngineEvent, FrameworkSettings } from './events.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import { compileConstraints } from './offer-constraints.ts';
import { SlowAllocator } from './reference.test-helper.ts';
import { Resources } from '../resources/resource-bundle.ts';
import { withReservations } from '../resources/resource-kind.ts';
import { isWithin } from '../roles/role-path.ts';
import type { Framework, Piece, SlowResult } from './slow-state.test-helper.ts';

type Event<K extends EngineEvent['kind']> = Extract<EngineEvent, { kind: K }>;
type Names = { readonly framework: string; readonly role: string; readonly agent: string };

const byId = <T extends { readonly agent: string }>(a: T, b: T): number =>
  a.agent < b.agent ? -1 : Number(a.agent > b.agent);
const amountOf = (resources: Resources, name: string): number =>
  resources.items.reduce(
    (total, { kind, amount }) => total + (kind.plain && kind.name === name ? amount : 0),
    0,
  );

/** What the master does around the runs, on lists. It takes only events that the engine accepted. */
export class SlowMaster extends SlowAllocator {
  apply(event: EngineEvent, now: number): SlowResult {
    this.result = { offers: [], inverse: [], rescinded: [], launched: [] };
    if (now > this.now) this.beforeBatch = true;
    this.now = now;
    this.rescind((piece) => piece.offer!.end <= now);
    for (const { inverse } of this.agents.values()) {
      for (const [id, end] of inverse) if (end <= now) inverse.delete(id);
    }
    for (const id of this.#change(event)) this.asked.add(id);
    this.sync();
    if (!this.paused && this.asked.size > 0) this.run();
    if (event.kind === 'batch') this.beforeBatch = false;
    return this.result;
  }

  rescind(which: (piece: Piece) => boolean): void {
    for (const piece of this.pieces.filter((other) => other.offer !== null && which(other))) {
      this.drop(piece);
      this.result.rescinded.push([piece.framework, piece.role, piece.agent, piece.resources]);
    }
  }

  drop(piece: Piece): void {
    this.pieces.splice(this.pieces.indexOf(piece), 1);
  }

  /** Quota that a role's subtree has used up, offers included. */
  consumed(role: string, name: string): number {
    const reserved = this.totals((kind) => kind.reservedTo !== '' && isWithin(kind.reservedTo, role));
    const mine = this.tracked().filter((piece) => isWithin(piece.role, role));
    return mine.reduce((total, { resources }) => total + amountOf(resources, name), reserved.get(name) ?? 0);
  }

  #piecesOf({ framework, role, agent }: Names): Piece[] {
    return this.pieces.filter(
      (piece) => piece.framework === framework && piece.role === role && piece.agent === agent,
    );
  }

  /** Adds to what a framework uses outside of offers and tasks. */
  #keep(names: Names, resources: Resources): void {
    const plain = this.#piecesOf(names).find(({ offer, task }) => offer === null && task === null);
    if (plain !== undefined) plain.resources = plain.resources.plus(resources);
    else this.pieces.push({ ...names, resources, offer: null, task: null });
    this.pieces = this.pieces.filter((piece) => !piece.resources.isEmpty);
  }

  #refuse({ framework, role, agent }: Names, resources: Resources, refuseSeconds: number | null): void {
    if (refuseSeconds === null || refuseSeconds === 0 || resources.isEmpty) return;
    const { interval } = this.options;
    const seconds = Math.max(refuseSeconds < 0 ? 5 : Math.min(refuseSeconds, 31_536_000), interval);
    const end = this.now + seconds;
    this.filters.push({ framework, role, agent, resources, end, short: seconds <= interval });
  }

  /** Makes the event's change. @returns the agents that a run is asked for */
  #change(event: EngineEvent): Iterable<string> {
    switch (event.kind) {
      case 'agent':
        this.#addAgent(event);
        return [event.id];
      case 'updateAgent':
        return this.#updateAgent(event) ? [event.id] : [];
      case 'removeAgent':
        this.rescind(({ agent }) => agent === event.id);
        this.pieces = this.pieces.filter(({ agent }) => agent !== event.id);
        this.filters = this.filters.filter(({ agent }) => agent !== event.id);
        this.agents.delete(event.id);
        this.asked.delete(event.id);
        return [];
      case 'framework': {
        const { id, active = true, roles } = event;
        const framework: Framework = {
          id,
          active,
          roles: [...new Set(roles)],
          suppressed: new Set(event.suppressed),
          capabilities: event.capabilities ?? [],
          min: new Map(),
          constraints: new Map(),
        };
        this.frameworks.set(id, framework);
        this.#settle(framework, event);
        this.count(this.pieces.filter((piece) => piece.framework === id));
        return active ? this.agents.keys() : [];
      }
      case 'updateFramework':
        this.#updateFramework(event);
        return [];
      case 'activate':
        this.frameworks.get(event.framework)!.active = true;
        return this.agents.keys();
      case 'deactivate':
      case 'removeFramework': {
        const { framework: id } = event;
        this.frameworks.get(id)!.active = false;
        this.rescind(({ framework }) => framework === id);
        this.filters = this.filters.filter(({ framework }) => framework !== id);
        for (const { inverse } of this.agents.values()) inverse.delete(id);
        if (event.kind === 'deactivate') return [];
        this.frameworks.delete(id);
        this.pieces = this.pieces.filter(({ framework }) => framework !== id);
        return [];
      }
      case 'weight':
        this.weights.set(event.role, event.weight);
        if (this.sorters.has(event.role)) this.rescind(() => true);
        return [];
      case 'quota':
        this.#setQuota(event);
        return [];
      case 'recover':
        this.#refuse(event, event.resources, event.refuseSeconds);
        this.#giveBack(event, event.resources);
        return [];
      case 'recoverAll':
        this.pieces = this.pieces.filter(({ offer }) => offer === null);
        return [];
      case 'suppress': {
        const framework = this.frameworks.get(event.framework)!;
        framework.suppressed = new Set([...framework.suppressed, ...this.#named(framework, event.roles)]);
        return [];
      }
      case 'revive': {
        const framework = this.frameworks.get(event.framework)!;
        const roles = this.#named(framework, event.roles);
        this.#forget(framework, roles);
        framework.suppressed = new Set([...framework.suppressed].filter((role) => !roles.includes(role)));
        return this.agents.keys();
      }
      case 'convert': {
        const { from, to } = event;
        const pieces = this.#piecesOf(event).filter(({ task }) => task === null);
        const piece =
          pieces.find(({ offer, resources }) => offer === null && resources.contains(from)) ??
          pieces.find(({ resources }) => resources.contains(from))!;
        piece.resources = piece.resources.minus(from).plus(to);
        this.#retotal(event.agent, from, to);
        return [];
      }
      case 'reserve':
        this.#retotal(event.agent, event.from, event.to);
        return [];
      case 'whitelist':
        this.whitelist = event.hostnames;
        return [];
      case 'unavailability': {
        const agent = this.agents.get(event.agent)!;
        this.rescind((piece) => piece.agent === event.agent);
        agent.inverse.clear();
        agent.window = event.window;
        this.filters = this.filters.filter((filter) => filter.role !== null || filter.agent !== event.agent);
        return [event.agent];
      }
      case 'inverseAnswer': {
        const { framework, agent, refuseSeconds } = event;
        this.agents.get(agent)!.inverse.delete(framework);
        if (refuseSeconds === null || refuseSeconds === 0) return [];
        const seconds = refuseSeconds < 0 ? 5 : Math.min(refuseSeconds, 31_536_000);
        const short = seconds <= this.options.interval;
        const filter = { framework, role: null, agent, resources: Resources.empty };
        this.filters.push({ ...filter, end: this.now + seconds, short });
        return [];
      }
      case 'offerConstraints':
        this.frameworks
          .get(event.framework)!
          .constraints.set(event.role, compileConstraints(event.groups, ''));
        return [];
      case 'accept':
        this.#accept(event);
        return [];
      case 'finish':
        this.drop(this.pieces.find(({ task }) => task === event.task)!);
        return [];
      case 'batch':
        return this.agents.keys();
      case 'pause':
      case 'resume':
        this.paused = event.kind === 'pause';
        return [];
    }
  }

  #named(framework: Framework, roles: readonly string[] | undefined): readonly string[] {
    return roles === undefined || roles.length === 0 ? framework.roles : roles;
  }

  /** Filters of roles go, and those of all inverse offers. */
  #forget({ id }: Framework, roles: readonly string[]): void {
    if (roles.length === 0) return;
    this.filters = this.filters.filter(
      ({ framework, role }) => framework !== id || (role !== null && !roles.includes(role)),
    );
  }

  #settle(framework: Framework, { minAllocatable }: FrameworkSettings): void {
    if (minAllocatable === undefined) return;
    framework.min = new Map(
      Object.entries(minAllocatable).map(([role, sets]) => [role, new MinAllocatable(sets)]),
    );
  }

  #addAgent(event: Event<'agent'>): void {
    const { id, total, hostname = id, region = null, zone = null, attributes = [] } = event;
    const capabilities = event.capabilities ?? ['MULTI_ROLE', 'HIERARCHICAL_ROLE'];
    const base = { id, hostname, region, zone, attributes, capabilities, total };
    this.agents.set(id, { ...base, window: null, inverse: new Map() });
    const used: Piece[] = Object.entries(event.used ?? {}).flatMap(([framework, roles]) =>
      Object.entries(roles).map(([role, resources]) => ({
        agent: id,
        framework,
        role,
        resources,
        offer: null,
        task: null,
      })),
    );
    const held = used.filter(({ resources }) => !resources.isEmpty);
    this.pieces.push(...held);
    this.count(held);
  }

  #updateAgent(event: Event<'updateAgent'>): boolean {
    const agent = this.agents.get(event.id)!;
    const before = JSON.stringify({ ...agent, total: agent.total.id });
    if (event.attributes !== undefined && !sameAttributes(event.attributes, agent.attributes)) {
      this.filters = this.filters.filter((filter) => filter.agent !== event.id);
      agent.attributes = event.attributes;
    }
    agent.hostname = event.hostname ?? agent.hostname;
    agent.region = event.region ?? agent.region;
    agent.zone = event.zone ?? agent.zone;
    agent.capabilities = event.capabilities ?? agent.capabilities;
    agent.total = event.total ?? agent.total;
    return JSON.stringify({ ...agent, total: agent.total.id }) !== before;
  }

  #retotal(id: string, from: Resources, to: Resources): void {
    const agent = this.agents.get(id)!;
    agent.total = agent.total.minus(from).plus(to);
  }

  #updateFramework(event: Event<'updateFramework'>): void {
    const framework = this.frameworks.get(event.id)!;
    const old = framework.roles;
    const wasSuppressed = framework.suppressed;
    framework.roles = [...new Set(event.roles ?? old)];
    const suppressed = [...(event.suppressed ?? wasSuppressed)];
    framework.suppressed = new Set(suppressed.filter((role) => framework.roles.includes(role)));
    framework.capabilities = event.capabilities ?? framework.capabilities;
    const left = old.filter((role) => !framework.roles.includes(role));
    this.sync();
    this.rescind((piece) => piece.framework === event.id && left.includes(piece.role));
    this.filters = this.filters.filter(
      ({ framework: id, role }) => id !== event.id || role === null || !left.includes(role),
    );
    for (const role of left) {
      framework.min.delete(role);
      framework.constraints.delete(role);
    }
    const revived = [...wasSuppressed].filter(
      (role) => framework.roles.includes(role) && !framework.suppressed.has(role),
    );
    this.#forget(framework, revived);
    this.#settle(framework, event);
  }

  #setQuota({ role, guarantee, limit }: Event<'quota'>): void {
    const positive = new Map([...guarantee].filter(([, amount]) => amount > 0));
    this.quotas.delete(role);
    if (positive.size === 0 && limit.size === 0) return;
    this.quotas.set(role, { guarantee: positive, limit: new Map(limit) });
    const consumed = (name: string): number => this.consumed(role, name);
    const offers = this.pieces.filter(({ offer }) => offer !== null);
    const key = (piece: Piece): string => [piece.role, piece.framework, piece.agent, ''].join('\u0000');
    offers.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    for (const piece of offers.filter((offer) => isWithin(offer.role, role))) {
      const over = [...limit].filter(([name, most]) => consumed(name) > most);
      if (over.some(([name]) => amountOf(piece.resources, name) > 0))
        this.rescind((other) => other === piece);
    }
    const freed = new Map<string, number>();
    const others = offers.filter((offer) => !isWithin(offer.role, role)).sort(byId);
    for (const [i, piece] of others.entries()) {
      const covered = [...positive].every(
        ([name, amount]) => consumed(name) + (freed.get(name) ?? 0) >= amount,
      );
      if (covered && others[i - 1]?.agent !== piece.agent) return;
      for (const { kind, amount } of piece.resources.items) {
        if (kind.plain) freed.set(kind.name, (freed.get(kind.name) ?? 0) + amount);
      }
      this.rescind((other) => other === piece);
    }
  }

  /** Whole offers first, then what is used outside of tasks, then part of an offer, the rest of which is accepted. */
  #giveBack(names: Names, resources: Resources): void {
    let left = resources;
    for (const piece of this.#piecesOf(names).filter(({ offer }) => offer !== null)) {
      if (left.isEmpty || !left.contains(piece.resources)) continue;
      left = left.minus(piece.resources);
      this.drop(piece);
    }
    const used = this.#piecesOf(names).find(({ offer, task }) => offer === null && task === null);
    if (!(used?.resources ?? Resources.empty).contains(left)) {
      for (const piece of this.#piecesOf(names).filter(({ offer }) => offer !== null)) {
        this.drop(piece);
        this.#keep(names, piece.resources);
      }
    }
    const rest = this.#piecesOf(names).find(({ offer, task }) => offer === null && task === null);
    if (rest !== undefined) rest.resources = rest.resources.minus(left);
    this.pieces = this.pieces.filter((piece) => !piece.resources.isEmpty);
  }

  #accept(event: Event<'accept'>): void {
    const offers = this.#piecesOf(event).filter(({ offer }) => offer !== null);
    const offered = offers.reduce((sum, { resources }) => sum.plus(resources), Resources.empty);
    if (offers.length === 0) return;
    for (const piece of offers) this.drop(piece);
    let left = offered;
    const capabilities = this.frameworks.get(event.framework)!.capabilities;
    for (const operation of event.operations) {
      if (operation.kind === 'launch') {
        for (const { id, resources } of operation.tasks) {
          if (this.pieces.some(({ task }) => task === id)) continue;
          if (id === '' || resources.isEmpty || !left.contains(resources)) continue;
          left = left.minus(resources);
          const { framework, role, agent } = event;
          this.pieces.push({ framework, role, agent, resources, offer: null, task: id });
          this.result.launched.push(id);
        }
        continue;
      }
      const { resources } = operation;
      const fits = resources.items.every(
        ({ kind }) =>
          kind.reservedTo === event.role &&
          !kind.shared &&
          kind.volume === '' &&
          (kind.reservations.length === 1 || capabilities.includes('RESERVATION_REFINEMENT')),
      );
      if (!fits || resources.isEmpty) continue;
      const outer = Resources.of(
        resources.items.map((item) => ({
          ...item,
          kind: withReservations(item.kind, item.kind.reservations.slice(0, -1)),
        })),
      );
      const [from, to] = operation.kind === 'reserve' ? [outer, resources] : [resources, outer];
      if (!left.contains(from)) continue;
      left = left.minus(from).plus(to);
      this.#retotal(event.agent, from, to);
    }
    const declined = left.minus(left.minus(offered));
    this.#refuse(event, declined, event.refuseSeconds);
  }
}
