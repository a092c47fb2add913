import type { RoleReport } from '../allocator/engine/role-report.ts';
import { isWithin } from '../lib/role-path.ts';
import type { Curves } from './history.ts';
import { secondsText } from './step-text.ts';
import type { Totals } from './totals.ts';
import { largest } from '../lib/unbounded.ts';

const BAR = 20;
/** Roles that a line names. */
const FEW = 3;

/** A part of one in percent with one decimal: 12.5%. */
export const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;

function bar(share: number): string {
  const filled = Math.min(BAR, share <= 0 ? 0 : Math.max(1, Math.round(share * BAR)));
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

/** Lines of a table: the first column to the left, the others to the right unless they hold bars. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => largest(rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('   ')
      .trimEnd(),
  );
}

function rest(count: number, most: number, noun: string): string[] {
  return count > most ? [`… ${count - most} more ${noun}`] : [];
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

function verdict({ expected, failed }: Totals): string {
  if (expected === 0) return 'nothing was expected.';
  if (failed > 0) return `${failed} of ${counted(expected, 'expectation')} did not hold.`;
  return expected === 1 ? 'the one expectation holds.' : `all ${expected} expectations hold.`;
}

/** That a simulation evicts nobody, where that keeps a role from its guarantee: somebody else holds more than theirs. */
function unpreempted(roles: readonly RoleReport[]): string[] {
  const top = roles.filter(({ role }) => !role.includes('/'));
  const isOver = ({ consumed, guarantee }: RoleReport, name: string): boolean =>
    (consumed.get(name) ?? 0) > (guarantee.get(name) ?? 0);
  const owed = top.flatMap(({ role, lacking }) => {
    const wanted = roles.some((each) => isWithin(each.role, role) && each.frameworks.length > 0);
    const held = [...lacking].filter(([name]) => wanted && top.some((other) => isOver(other, name)));
    const amounts = held.map(([name, amount]) => `${name}:${amount / 1000}`).join(';');
    return held.length === 0 ? [] : [`role ${role} lacks ${amounts} of its guarantee`];
  });
  if (owed.length === 0) return [];
  const few = [...owed.slice(0, FEW), ...rest(owed.length, FEW, 'roles')].join(', ');
  return [`this mode does not preempt: ${few}, while others hold more than theirs.`];
}

/** The end of a report: what happened in all, who holds what, who was offered what. @param most rows of each table */
export function summaryText(file: string, totals: Totals, { curves }: Curves, most: number): string {
  const did = [
    counted(totals.steps, 'step'),
    secondsText(totals.time),
    `${counted(totals.offers, 'offer')} made`,
    ...(totals.inverseOffers > 0 ? [`${counted(totals.inverseOffers, 'inverse offer')} made`] : []),
    ...(totals.rescinded > 0 ? [`${totals.rescinded} taken back`] : []),
    ...(totals.launched > 0 ? [`${counted(totals.launched, 'task')} launched`] : []),
  ];
  const roles = curves
    .slice(0, most)
    .map(({ role, last, mean }) => [role, percent(last), bar(last), percent(mean)]);
  const frameworks = [...totals.frameworks]
    .slice(0, most)
    .map(([framework, { offers, rescinded }]) => [
      framework,
      String(offers),
      String(rescinded),
      String(totals.running.get(framework) ?? 0),
    ]);
  return [
    `${file}: ${did.join(', ')}; ${verdict(totals)}`,
    ...unpreempted(totals.roles()),
    ...(roles.length === 0 ? [] : ['', ...table([['ROLE', 'SHARE', '', 'MEAN'], ...roles])]),
    ...rest(curves.length, most, 'roles'),
    ...(frameworks.length === 0
      ? []
      : ['', ...table([['FRAMEWORK', 'OFFERS', 'TAKEN BACK', 'RUNNING TASKS'], ...frameworks])]),
    ...rest(totals.frameworks.size, most, 'frameworks'),
    '',
  ].join('\n');
}
