import type { OffersView } from '../views/offers.ts';
import { leftOut, tableLines } from '../lib/table.ts';
import { amountsInWords, runs, timeOfDay } from './words.ts';

/** The last offers as a table, newest first. */
export function offerTable({ count, offers }: OffersView): string {
  if (offers.length === 0) return 'No offers were made since this replica leads.\n';
  const columns = ['TIME', 'FRAMEWORK', 'ROLE', 'NODE', '>TASKS', 'RESOURCES', 'HOST PORTS', 'ANSWER'];
  const rows = offers.map((offer) => [
    timeOfDay(offer.at),
    offer.group === '' ? offer.framework : `${offer.framework} ${offer.group}`,
    offer.role,
    offer.node,
    String(offer.tasks),
    amountsInWords(offer.resources),
    runs(offer.hostPorts) || '-',
    offer.reason === '' ? offer.answer : `${offer.answer}: ${offer.reason}`,
  ]);
  return `${[...tableLines(columns, rows), ...leftOut(count, 'offer', 'raise --limit')].join('\n')}\n`;
}
