import type { RolesView } from '../server/views/roles.ts';
import type { Command } from './command.ts';
import { READER_FLAGS } from './flags.ts';
import { printReading } from './reader.ts';
import { roleTable } from './role-table.ts';

export const rolesCommand: Command = {
  name: 'roles',
  summary: 'Show who holds how much of the cluster, and who is served next',
  details:
    'Prints the dominant share of each role (the largest part of any resource that its tasks hold) and its ' +
    'frameworks, the next to be served first.',
  flags: READER_FLAGS,
  examples: ['proffer roles', 'kubectl proffer roles --watch'],
  run: (given, io, complain) =>
    printReading(
      { path: '/debug/roles', query: {}, table: (body) => roleTable(body as RolesView) },
      given,
      io,
      complain,
    ),
};
