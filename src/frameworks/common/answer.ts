import { neededBy } from '../../snapshot/framework.ts';
import type { Answer, Launch, Offer, OfferBundle } from '../../allocator/placing/offer.ts';

/** The run of an offer's host ports that belongs to its nth task. */
function portsOfTask(offer: Offer, task: number): readonly number[] {
  const each = offer.demandClass.shape.dynamicPorts.length;
  return offer.ports.slice(task * each, (task + 1) * each);
}

/** Tasks that are offered room, by the id of their class. */
function offeredTo(offers: readonly Offer[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { demandClass, tasks } of offers)
    sums.set(demandClass.id, (sums.get(demandClass.id) ?? 0) + tasks);
  return sums;
}

/**
 * Takes all offers, one task at a time: each is of use by itself. Slots are filled in order.
 * @param words completes "the offer has room for more ..."
 */
export function takeEach({ offers, filled }: OfferBundle, words: string): Answer {
  const launches: Launch[] = [];
  const among = offeredTo(offers);
  for (const offer of offers) {
    const { id, pending } = offer.demandClass;
    const done = (filled.get(id) ?? 0) + launches.length;
    for (let task = 0; task < offer.tasks; task++) {
      const vacancy = pending.at(done + task);
      if (!vacancy) return { kind: 'decline', reason: `the offer has room for more ${words}` };
      launches.push({ offer, vacancy, ports: portsOfTask(offer, task), among });
    }
  }
  return { kind: 'accept', launches };
}

/**
 * Takes room for all tasks that a gang cannot do without, and for as many others as are offered some; or nothing.
 * @param words what the tasks are: workers
 */
export function takeAll({ framework, offers }: OfferBundle, words: string): Answer {
  const among = offeredTo(offers);
  const asking = framework.classes.filter(({ hold }) => !hold);
  if (asking.some((each) => (among.get(each.id) ?? 0) < neededBy(each))) {
    const wanted = asking.reduce((sum, each) => sum + neededBy(each), 0);
    const offered = offers.reduce((sum, { tasks }) => sum + tasks, 0);
    const where = framework.near?.isRequired ? ` in one ${framework.near.key}` : '';
    return { kind: 'decline', reason: `${offered} of ${wanted} ${words} fit${where}` };
  }

  const launches: Launch[] = [];
  const next = new Map<number, number>();
  for (const offer of offers) {
    const { id, pending } = offer.demandClass;
    const from = next.get(id) ?? 0;
    for (let task = 0; task < offer.tasks; task++) {
      launches.push({ offer, vacancy: pending.at(from + task)!, ports: portsOfTask(offer, task), among });
    }
    next.set(id, from + offer.tasks);
  }
  return { kind: 'accept', launches };
}
