import type { Command } from 'commander';
import type { RolesView } from '../views/roles.ts';
import { addCommand } from './add-command.ts';
import { readerFlags, type ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { printReading } from './reader.ts';
import { roleTable } from './role-table.ts';

export function addRoles(program: Command, io: Io): void {
  addCommand(program, {
    name: 'roles',
    summary: 'Show how much of the cluster each role holds, and which role comes next',
    details:
      'Prints the dominant share of each role (the largest part of any resource that its tasks hold) and its ' +
      'frameworks. Of siblings, the one that gets the next offer stands first.',
    flags: readerFlags(),
    examples: ['proffer roles', 'kubectl proffer roles --watch'],
  }).action((options: ReaderOptions) =>
    printReading(
      { path: '/debug/roles', query: {}, table: (body) => roleTable(body as RolesView) },
      options,
      io,
    ),
  );
}
