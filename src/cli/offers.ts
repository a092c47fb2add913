import type { Command } from 'commander';
import type { OffersView } from '../views/offers.ts';
import { addCommand } from './add-command.ts';
import { readerFlags, type ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { offerTable } from './offer-table.ts';
import { printReading } from './reader.ts';

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
