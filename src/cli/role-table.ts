import type { FrameworkView, RoleView, RolesView } from '../server/views/roles.ts';
import { leftOut, percent, tableLines } from './table.ts';
import { amountsInWords } from './words.ts';

const BAR = 20;

/** A bar of fixed length; any share at all shows at least one block. */
function bar(share: number): string {
  const filled = share <= 0 ? 0 : Math.min(BAR, Math.max(1, Math.round(share * BAR)));
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

const roleRow = (role: RoleView): string[] => [
  role.name,
  String(role.weight),
  percent(role.share),
  bar(role.share),
  role.dominantResource ?? '-',
  percent(role.weightedShare),
  String(role.frameworkCount.total),
  String(role.pending),
  amountsInWords(role.held),
];

function frameworkRow({
  id,
  share,
  pending,
  live,
  ready,
  backingOff,
  priority,
  hold,
}: FrameworkView): string[] {
  const state = [`${ready} of ${live} ready`, `priority ${priority}`];
  if (backingOff > 0) state.push(`${backingOff} backing off`);
  if (hold !== undefined) state.push(hold);
  return [`  ${id}`, '', percent(share), bar(share), '', '', '', String(pending), state.join(', ')];
}

/** Roles and their frameworks as a table, the next to be served first. */
export function roleTable({ count, roles }: RolesView): string {
  if (roles.length === 0) return 'There are no roles: no OfferRole exists and no workload draws on one.\n';
  const columns = [
    { title: 'ROLE' },
    { title: 'WEIGHT', right: true },
    { title: 'SHARE', right: true },
    { title: '' },
    { title: 'OF' },
    { title: 'BY WEIGHT', right: true },
    { title: 'FRAMEWORKS', right: true },
    { title: 'PENDING', right: true },
    { title: 'HOLDS, STATE' },
  ];
  const rows = roles.flatMap((role) => {
    const hidden = role.frameworkCount.total - role.frameworkCount.shown;
    const more =
      hidden > 0 ? [[`  … ${hidden} more`, ...Array.from({ length: columns.length - 1 }, () => '')]] : [];
    return [roleRow(role), ...role.frameworks.map(frameworkRow), ...more];
  });
  return `${[...tableLines(columns, rows), ...leftOut(count, 'role', 'raise --limit')].join('\n')}\n`;
}
