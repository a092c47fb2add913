import type { CycleStamp } from '../server/debug.ts';
import type { MatricesView } from '../server/views/matrices.ts';
import type { Command } from './command.ts';
import { READER_FLAGS } from './flags.ts';
import { matrixTables } from './matrix-tables.ts';
import { printReading } from './reader.ts';
import { UsageError } from './usage-error.ts';

/** Checks the name of a workload. @throws UsageError */
function workload(text: string | undefined): string | undefined {
  if (text !== undefined && !/^(gsp|tj)\/[^/]+\/[^/]+$/.test(text)) {
    throw new UsageError(`a workload is gsp/NAMESPACE/NAME or tj/NAMESPACE/NAME, not "${text}"`);
  }
  return text;
}

export const matrixCommand: Command = {
  name: 'matrix',
  summary: 'Show the matrices that placement works with',
  details:
    'Prints what each node can still give (S), what each class of tasks asks for (D), how many more of them fit and ' +
    'if none why (A), in which order nodes and tasks are taken (B), and what monitoring has against a node (C), as ' +
    'of the last placement cycle.',
  argument: {
    name: 'WORKLOAD',
    help: 'Only the classes of this workload: gsp/NAMESPACE/NAME or tj/NAMESPACE/NAME.',
  },
  flags: [{ name: 'node', value: 'NAME', help: 'Only this node.' }, ...READER_FLAGS],
  examples: [
    'proffer matrix',
    'proffer matrix gsp/games/arena --node node-3',
    'kubectl proffer matrix -o json',
  ],
  run: (given, io, complain) =>
    printReading(
      {
        path: '/debug/matrices',
        query: { framework: workload(given.argument), node: given.text('node') },
        table: (body, { width }) => matrixTables(body as MatricesView & CycleStamp, width),
      },
      given,
      io,
      complain,
    ),
};
