import { checkConversion } from './agent-events.ts';
import type { Cluster } from './cluster.ts';
import { addFilter, decline } from './declines.ts';
import { convertHeld, release } from './holdings.ts';
import type { EngineEvent } from './events.ts';
import { agentOf, frameworkOf, namedHolding, refuse } from './lookup.ts';
import type { OfferBook } from './offer-book.ts';
import { formatResources } from '../resources/resources.ts';
import { type Holding, OutstandingOffer } from './state.ts';
import type { Resources } from '../resources/resource-bundle.ts';

type Event<K extends EngineEvent['kind']> = Extract<EngineEvent, { kind: K }>;

/** A framework declines or returns. */
export function recover(cluster: Cluster, book: OfferBook, event: Event<'recover'>): void {
  const holding = namedHolding(cluster, event, 'recover');
  if (event.resources.isEmpty) return;
  const free = outsideTasks(holding);
  if (!free.contains(event.resources)) {
    refuse(
      'recover.resources',
      `${event.framework} holds only ${formatResources(free)} there outside of tasks`,
    );
  }
  const membership = holding.membership!;
  const isDecline = OutstandingOffer.of(holding).some((offer) => event.resources.contains(offer.resources));
  const refuseFor = isDecline ? decline : addFilter;
  refuseFor(cluster, membership, holding.agent, event.resources, event.refuseSeconds);
  book.giveBack(holding, event.resources);
}

/** What a framework holds changes its form. */
export function convert(cluster: Cluster, book: OfferBook, event: Event<'convert'>): void {
  const holding = namedHolding(cluster, event, 'convert');
  const { from, to } = event;
  checkConversion(from, to, 'convert');
  let accepted = outsideTasks(holding);
  if (!accepted.contains(from))
    refuse('convert.from', `${event.framework} does not hold it outside of tasks`);
  const offers = OutstandingOffer.of(holding);
  for (const { resources } of offers) accepted = accepted.minus(resources);
  if (!accepted.contains(from)) {
    const offer = offers.find(({ resources }) => resources.contains(from));
    if (offer === undefined) {
      return refuse('convert.from', 'it is spread over several offers; convert each part by itself');
    }
    book.replace(offer, offer.resources.minus(from).plus(to));
  }
  convertHeld(cluster, holding, from, to);
}

export function finish(cluster: Cluster, { task: id }: Event<'finish'>): void {
  const task = cluster.tasks.get(id) ?? refuse('finish.task', `no task "${id}" runs`);
  cluster.tasks.delete(id);
  const { holding, resources } = task;
  holding.tasks?.delete(task);
  holding.running = holding.running.minus(resources);
  release(cluster, holding, resources);
}

/** An answer to an inverse offer is noted; only its filter has an effect. */
export function answerInverse(cluster: Cluster, event: Event<'inverseAnswer'>): void {
  const framework = frameworkOf(cluster, event.framework, 'inverseAnswer');
  const agent = agentOf(cluster, event.agent, 'inverseAnswer');
  if (agent.unavailability === null) refuse('inverseAnswer.agent', `${agent.id} has no maintenance window`);
  agent.inverse.delete(framework);
  const end = cluster.clock.inverseFilterEnd(event.refuseSeconds);
  if (end === null) return;
  framework.inverseFilters.set(agent, Math.max(end, framework.inverseFilters.get(agent) ?? 0));
}

function outsideTasks(holding: Holding): Resources {
  return holding.resources.minus(holding.running);
}
