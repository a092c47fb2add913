import type { RoleReport } from '../allocator/engine/role-report.ts';
import { bar, counted, percent } from '../lib/figures.ts';
import { isWithin } from '../lib/role-path.ts';
import { tableLines } from '../lib/table.ts';
import type { Curves } from './history.ts';
import { secondsText } from './step-text.ts';
import type { Totals } from './totals.ts';

/** Roles that a line names. */
const FEW = 3;

/** A table whose first column stands to the left, the others to the right. */
const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  tableLines(
    titles.map((title, c) => (c > 0 ? `>${title}` : title)),
    rows,
  );

function rest(count: number, most: number, noun: string): string[] {
  return count > most ? [`… ${count - most} more ${noun}`] : [];
}

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
    ...(roles.length === 0 ? [] : ['', ...table(['ROLE', 'SHARE', '', 'MEAN'], roles)]),
    ...rest(curves.length, most, 'roles'),
    ...(frameworks.length === 0
      ? []
      : ['', ...table(['FRAMEWORK', 'OFFERS', 'TAKEN BACK', 'RUNNING TASKS'], frameworks)]),
    ...rest(totals.frameworks.size, most, 'frameworks'),
    '',
  ].join('\n');
}
