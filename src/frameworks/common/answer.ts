import type { Answer, Launch, Offer, OfferBundle } from '../../allocator/placing/offer.ts';

/** The run of an offer's host ports that belongs to its nth task. */
function portsOfTask(offer: Offer, task: number): readonly number[] {
  const each = offer.demandClass.shape.dynamicPorts.length;
  return offer.ports.slice(task * each, (task + 1) * each);
}

/**
 * Takes all offers, one task at a time: each is of use by itself. Slots are filled in order.
 * @param words completes "the offer has room for more ..."
 */
export function takeEach({ offers, filled }: OfferBundle, words: string): Answer {
  const launches: Launch[] = [];
  for (const offer of offers) {
    const { id, pending } = offer.demandClass;
    const done = (filled.get(id) ?? 0) + launches.length;
    for (let task = 0; task < offer.tasks; task++) {
      const vacancy = pending.at(done + task);
      if (!vacancy) return { kind: 'decline', reason: `the offer has room for more ${words}` };
      launches.push({ offer, vacancy, ports: portsOfTask(offer, task) });
    }
  }
  return { kind: 'accept', launches };
}

/** Takes the room that all missing tasks need, or nothing. @param words what the tasks are: workers */
export function takeAll({ framework, offers }: OfferBundle, words: string): Answer {
  const wanted = framework.classes.reduce((sum, c) => sum + (c.hold ? 0 : c.pending.length), 0);
  const offered = offers.reduce((sum, offer) => sum + offer.tasks, 0);
  if (offered < wanted) {
    const where = framework.near?.isRequired ? ` in one ${framework.near.key}` : '';
    return { kind: 'decline', reason: `${offered} of ${wanted} ${words} fit${where}` };
  }

  const launches: Launch[] = [];
  const next = new Map<number, number>();
  for (const offer of offers) {
    const { id, pending } = offer.demandClass;
    const from = next.get(id) ?? 0;
    for (let task = 0; task < offer.tasks; task++) {
      launches.push({ offer, vacancy: pending.at(from + task)!, ports: portsOfTask(offer, task) });
    }
    next.set(id, from + offer.tasks);
  }
  return { kind: 'accept', launches };
}
