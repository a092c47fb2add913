import type { Offer } from '../allocator/offer.ts';

/** The run of an offer's host ports that belongs to its nth task. */
export function portsOfTask(offer: Offer, task: number): readonly number[] {
  const each = offer.demandClass.shape.dynamicPorts.length;
  return offer.ports.slice(task * each, (task + 1) * each);
}
