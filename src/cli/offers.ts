import type { OffersView } from '../server/views/offers.ts';
import type { Command } from './command.ts';
import { READER_FLAGS } from './flags.ts';
import { offerTable } from './offer-table.ts';
import { printReading } from './reader.ts';

export const offersCommand: Command = {
  name: 'offers',
  summary: 'Show the last offers and how they were answered',
  details:
    'Prints the offers of the last placement cycles, newest first, each with the answer of its framework.',
  flags: READER_FLAGS,
  examples: ['proffer offers', 'proffer offers --limit 500 --watch'],
  run: (given, io, complain) =>
    printReading(
      { path: '/debug/offers', query: {}, table: (body) => offerTable(body as OffersView) },
      given,
      io,
      complain,
    ),
};
