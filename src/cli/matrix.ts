import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { CycleStamp } from '../server/debug.ts';
import type { MatricesView } from '../views/matrices.ts';
import { addCommand } from './add-command.ts';
import { readerFlags, type ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { matrixTables } from './matrix-tables.ts';
import { printReading } from './reader.ts';

const workload = (): Argument =>
  new Argument(
    '[workload]',
    'Only the classes of this workload: gsp/NAMESPACE/NAME or tj/NAMESPACE/NAME',
  ).argParser((text) => {
    if (/^(gsp|tj)\/[^/]+\/[^/]+$/.test(text)) return text;
    throw new InvalidArgumentError('It must be gsp/NAMESPACE/NAME or tj/NAMESPACE/NAME.');
  });

export function addMatrix(program: Command, io: Io): void {
  addCommand(program, {
    name: 'matrix',
    summary: 'Show the matrices that placement works with',
    details:
      'Prints what each node can still give (S), what each class of tasks asks for (D), how many more of them fit and ' +
      'if none why (A), in which order nodes and tasks are taken (B), and what monitoring has against a node (C), as ' +
      'of the last placement cycle.',
    flags: [new Option('--node <name>', 'Only this node'), ...readerFlags()],
    examples: [
      'proffer matrix',
      'proffer matrix gsp/games/arena --node node-3',
      'kubectl proffer matrix -o json',
    ],
  })
    .addArgument(workload())
    .action((framework: string | undefined, options: ReaderOptions & { readonly node?: string }) =>
      printReading(
        {
          path: '/debug/matrices',
          query: { framework, node: options.node },
          table: (body, { width }) => matrixTables(body as MatricesView & CycleStamp, width),
        },
        options,
        io,
      ),
    );
}
