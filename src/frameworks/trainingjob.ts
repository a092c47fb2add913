import type { Answer, Launch, OfferBundle } from '../allocator/offer.ts';
import { portsOfTask } from './ports.ts';

/**
 * A job takes all the room that its missing workers need, or nothing: half a gang trains nothing and keeps others
 * waiting.
 */
export function answerForJob({ framework, offers }: OfferBundle): Answer {
  const wanted = framework.classes.reduce((sum, c) => sum + c.pending.length, 0);
  const offered = offers.reduce((sum, offer) => sum + offer.tasks, 0);
  if (offered < wanted) return { kind: 'decline', reason: `${offered} of ${wanted} workers fit` };

  const launches: Launch[] = [];
  const next = new Map<number, number>();
  for (const offer of offers) {
    const { id, pending } = offer.demandClass;
    const from = next.get(id) ?? 0;
    for (let task = 0; task < offer.tasks; task++) {
      launches.push({ offer, vacancy: pending[from + task]!, ports: portsOfTask(offer, task) });
    }
    next.set(id, from + offer.tasks);
  }
  return { kind: 'accept', launches };
}
