import type { Cluster } from './cluster.ts';
import { addFilter, decline } from './declines.ts';
import { countDown } from './demand.ts';
import { convertHeld, release } from './holdings.ts';
import type { EngineEvent, TaskSpec } from './events.ts';
import { frameworkOf } from './lookup.ts';
import type { OfferBook } from './offer-book.ts';
import type { Outcome } from './outcome.ts';
import { Resources } from '../resources/resource-bundle.ts';
import { byAge, type Holding, type Membership, OutstandingOffer } from './state.ts';

type Accept = Extract<EngineEvent, { kind: 'accept' }>;

/** Uses offers: applies the operations in order to what they hold, and takes back what is left. */
export function accept(cluster: Cluster, book: OfferBook, event: Accept, outcome: Outcome): void {
  frameworkOf(cluster, event.framework, 'accept');
  const offers = offersOf(cluster, event);
  if (typeof offers === 'string') {
    discard(cluster, book, event, offers, outcome);
    return;
  }
  const [{ membership, holding }] = offers;
  const offered = offers.reduce((sum, { resources }) => sum.plus(resources), Resources.empty);
  for (const offer of offers) book.close(offer);
  const remainder = new Remainder(cluster, membership, holding, offered, outcome);
  for (const operation of event.operations) {
    switch (operation.kind) {
      case 'launch':
        for (const task of operation.tasks) remainder.launch(task);
        break;
      case 'reserve':
      case 'unreserve':
        remainder.reserve(operation.kind, operation.resources);
        break;
    }
  }
  const converted = remainder.resources.minus(offered);
  const declined = remainder.resources.minus(converted);
  // With the filter while the framework is surely still under the role: releasing its last may end that.
  if (remainder.isUsed) {
    membership.declines?.delete(holding.agent.slot);
    if (!declined.isEmpty) addFilter(cluster, membership, holding.agent, declined, event.refuseSeconds);
  } else decline(cluster, membership, holding.agent, declined, event.refuseSeconds);
  if (!remainder.resources.isEmpty) release(cluster, holding, remainder.resources);
}

type Offers = readonly [OutstandingOffer, ...OutstandingOffer[]];

/** The offers that an accept names, or why they cannot be used together. */
function offersOf(cluster: Cluster, event: Accept): Offers | string {
  const { framework, agent, role } = event;
  const ofAgent = (cluster.agents.get(agent)?.holdings ?? []).flatMap((holding) =>
    OutstandingOffer.of(holding),
  );
  const usable = ofAgent.filter((offer) => offer.framework === framework && offer.role === role);
  if (event.offers === undefined) {
    const [first, ...others] = usable;
    return first === undefined
      ? `no offer of ${agent} is out to ${framework} under ${role}`
      : [first, ...others];
  }
  const named: OutstandingOffer[] = [];
  for (const id of event.offers) {
    const offer = usable.find((other) => other.id === id);
    if (offer === undefined) return problemOf(cluster, event, id);
    if (named.includes(offer)) return `offer ${id} is named twice`;
    named.push(offer);
  }
  const [first, ...others] = named;
  return first === undefined ? 'no offer is named' : [first, ...others];
}

/** Why an offer is not among those that could be used. */
function problemOf(cluster: Cluster, { framework, agent }: Accept, id: string): string {
  const offer = cluster.offers.find((other) => other.id === id);
  if (offer === undefined) return `offer ${id} is not out (any more)`;
  if (offer.framework !== framework) return `offer ${id} is not ${framework}'s`;
  if (offer.agent !== agent) return `offer ${id} is of ${offer.agent}, not of ${agent}`;
  return `offer ${id} is under ${offer.role}; an accept is for one role`;
}

/** Offers that cannot be used together are lost, with every task. */
function discard(cluster: Cluster, book: OfferBook, event: Accept, problem: string, outcome: Outcome): void {
  const named = new Set(event.offers);
  for (const offer of byAge(cluster.frameworks.get(event.framework)!.offers)) {
    if (named.has(offer.id)) book.rescind(offer, 'invalidAccept', outcome);
  }
  for (const operation of event.operations) {
    if (operation.kind !== 'launch') {
      outcome.addDropped({ operation: operation.kind, resources: operation.resources, reason: problem });
    } else {
      for (const { id } of operation.tasks) {
        outcome.addTask({ task: id, state: 'lost', reason: `invalid offers: ${problem}` });
      }
    }
  }
}

/** What is left of accepted offers while operations apply. */
class Remainder {
  resources: Resources;
  /** Whether a task was launched or something converted. */
  isUsed = false;
  readonly #cluster: Cluster;
  readonly #membership: Membership;
  readonly #holding: Holding;
  readonly #outcome: Outcome;

  constructor(
    cluster: Cluster,
    membership: Membership,
    holding: Holding,
    offered: Resources,
    outcome: Outcome,
  ) {
    this.#cluster = cluster;
    this.#membership = membership;
    this.#holding = holding;
    this.resources = offered;
    this.#outcome = outcome;
  }

  launch({ id, resources }: TaskSpec): void {
    const problem = this.#taskProblem(id, resources);
    if (problem === undefined) {
      this.isUsed = true;
      this.resources = this.resources.minus(resources);
      const task = { id, resources, holding: this.#holding };
      this.#cluster.tasks.set(id, task);
      this.#holding.tasks ??= new Set();
      this.#holding.tasks.add(task);
      this.#holding.running = this.#holding.running.plus(resources);
      countDown(this.#membership, resources);
      this.#outcome.addTask({ task: id, state: 'launched', reason: '' });
    } else this.#outcome.addTask({ task: id, state: 'error', reason: problem });
  }

  reserve(operation: 'reserve' | 'unreserve', resources: Resources): void {
    const problem = this.#reservationProblem(resources);
    const outer = resources.isEmpty || problem !== undefined ? resources : resources.withoutInnermost();
    const [from, to] = operation === 'reserve' ? [outer, resources] : [resources, outer];
    if (problem === undefined && this.resources.contains(from)) {
      this.isUsed = true;
      this.resources = this.resources.minus(from).plus(to);
      convertHeld(this.#cluster, this.#holding, from, to);
    } else {
      const reason = problem ?? 'the offers do not hold (any more) what is to be converted';
      this.#outcome.addDropped({ operation, resources, reason });
    }
  }

  #taskProblem(id: string, resources: Resources): string | undefined {
    if (id === '') return 'a task needs an id';
    if (this.#cluster.tasks.has(id)) return `a task ${id} runs already`;
    if (resources.isEmpty) return 'a task needs resources';
    if (!this.resources.contains(resources)) return 'it asks for more than is left of the offers';
    const kinds = resources.items.map(({ kind }) => kind);
    const mixed = kinds.some(
      (kind) => kind.revocable && kinds.some(({ name, revocable }) => name === kind.name && !revocable),
    );
    return mixed ? 'it mixes revocable and other resources of one name' : undefined;
  }

  #reservationProblem(resources: Resources): string | undefined {
    if (resources.isEmpty) return 'there is nothing to convert';
    const { role, framework } = this.#membership;
    for (const { kind } of resources.items) {
      if (kind.reservedTo === '') return `${kind.label} is not reserved`;
      if (kind.reservedTo !== role.path)
        return `${kind.label} is not reserved for ${role.path}, the offers' role`;
      if (kind.volume !== '' || kind.shared) return `${kind.label} is a volume`;
      if (kind.reservations.length > 1 && !framework.capabilities.has('RESERVATION_REFINEMENT')) {
        return 'refining needs the capability RESERVATION_REFINEMENT';
      }
    }
    return undefined;
  }
}
