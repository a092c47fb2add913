import type { Answer, Launch, OfferBundle } from '../allocator/offer.ts';
import { portsOfTask } from './ports.ts';

/**
 * A pool takes every offer that has room for its servers, one server at a time: each is of use by itself. Slots are
 * filled in order.
 */
export function answerForPool({ offers, filled }: OfferBundle): Answer {
  const launches: Launch[] = [];
  for (const offer of offers) {
    const { id, pending } = offer.demandClass;
    const done = (filled.get(id) ?? 0) + launches.length;
    for (let task = 0; task < offer.tasks; task++) {
      const vacancy = pending[done + task];
      if (!vacancy)
        return { kind: 'decline', reason: 'the offer has room for more servers than the pool lacks' };
      launches.push({ offer, vacancy, ports: portsOfTask(offer, task) });
    }
  }
  return { kind: 'accept', launches };
}
