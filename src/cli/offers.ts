import type { Command } from 'commander';
import type { OffersView } from '../views/offers.ts';
import { addCommand } from './add-command.ts';
import { readerFlags, type ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { printReading } from './reader.ts';
import { leftOut, tableLines } from '../lib/table.ts';
import { amountsInWords, runs, timeOfDay } from './words.ts';

export function addOffers(program: Command, io: Io): void {
  addCommand(program, {
    name: 'offers',
    summary: 'Show the last offers and how they were answered',
    details:
      'Prints the offers of the last placement cycles, newest first, each with the answer of its framework.',
    flags: readerFlags(),
    examples: ['proffer offers', 'proffer offers --limit 500 --watch'],
  }).action((options: ReaderOptions) =>
    printReading(
      { path: '/debug/offers', query: {}, table: (body) => offerTable(body as OffersView) },
      options,
      io,
    ),
  );
}

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
