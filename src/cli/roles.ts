import type { Command } from 'commander';
import type { RolesView, FrameworkView, RoleView } from '../views/roles.ts';
import { addCommand } from './add-command.ts';
import { readerFlags, type ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { printReading } from './reader.ts';
import { bar, percent } from '../lib/figures.ts';
import { leftOut, tableLines } from '../lib/table.ts';
import { amountsInWords } from './words.ts';

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

/** Two blanks for each role above. */
const indent = (path: string): string => '  '.repeat(path.split('/').length - 1);

/** What a role is due and holds, in words; only what there is. */
function dues({ held, guarantee, limit, reserved, problem }: RoleView): string {
  const parts = [
    ['', held],
    ['guaranteed ', guarantee],
    ['at most ', limit],
    ['reserved ', reserved],
  ] as const;
  const words = parts
    .filter(([what, amounts]) => what === '' || Object.keys(amounts).length > 0)
    .map(([what, amounts]) => what + amountsInWords(amounts));
  return [...words, ...(problem === undefined ? [] : [problem])].join('; ');
}

const roleRow = (role: RoleView): string[] => [
  indent(role.path) + role.name,
  String(role.weight),
  percent(role.share),
  bar(role.share),
  role.dominantResource ?? '-',
  percent(role.weightedShare),
  String(role.frameworkCount.total),
  String(role.pending),
  dues(role),
];

function frameworkRow(
  { id, share, pending, live, ready, backingOff, priority, hold }: FrameworkView,
  path: string,
): string[] {
  const state = [`${ready} of ${live} ready`, `priority ${priority}`];
  if (backingOff > 0) state.push(`${backingOff} backing off`);
  if (hold !== undefined) state.push(hold);
  return [
    `${indent(path)}  ${id}`,
    '',
    percent(share),
    bar(share),
    '',
    '',
    '',
    String(pending),
    state.join(', '),
  ];
}

/** Roles and their frameworks as a tree; of siblings the one that gets the next offer stands first. */
export function roleTable({ count, roles }: RolesView): string {
  if (roles.length === 0) return 'There are no roles: no OfferRole exists and no workload draws on one.\n';
  const columns = [
    'ROLE',
    '>WEIGHT',
    '>SHARE',
    '',
    'OF',
    '>BY WEIGHT',
    '>FRAMEWORKS',
    '>PENDING',
    'HOLDS, STATE',
  ];
  const rows = roles.flatMap((role) => {
    const hidden = role.frameworkCount.total - role.frameworkCount.shown;
    const more =
      hidden > 0
        ? [
            [
              `${indent(role.path)}  … ${hidden} more`,
              ...Array.from({ length: columns.length - 1 }, () => ''),
            ],
          ]
        : [];
    return [roleRow(role), ...role.frameworks.map((f) => frameworkRow(f, role.path)), ...more];
  });
  return `${[...tableLines(columns, rows), ...leftOut(count, 'role', 'raise --limit')].join('\n')}\n`;
}
