import { counted, percent } from '../lib/figures.ts';
import type { Replayed } from '../dump/index.ts';
import { leftOut, tableLines, type Column } from '../lib/table.ts';
import { runs } from './words.ts';

/** A table under a title; one sentence when it has no rows. */
function section(
  title: string,
  none: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  limit: number,
): string {
  if (rows.length === 0) return none;
  const shown = rows.slice(0, limit);
  const more = leftOut({ shown: shown.length, total: rows.length }, 'row', 'raise --limit');
  return [title, ...tableLines(columns, shown), ...more].join('\n');
}

function createdText({ created }: Replayed, limit: number): string {
  const rows = created.map(({ pod, node, workload, order, score, penalty, hostPorts, why }, i) => [
    String(i + 1),
    pod,
    node,
    workload,
    `${order.role} ${percent(order.roleShare)}`,
    String(order.priority),
    percent(order.ownShare),
    penalty > 0 ? `${score} - ${penalty}` : String(score),
    runs(hostPorts) || '-',
    why,
  ]);
  const columns = [
    '>#',
    'POD',
    'NODE',
    'WORKLOAD',
    'ROLE, SHARE',
    '>PRIORITY',
    '>OWN SHARE',
    '>NODE SCORE',
    'HOST PORTS',
    'WHY',
  ];
  return section(
    'Created or bound, in this order; shares and scores as the cycle began',
    'Nothing would be created or bound.',
    columns,
    rows,
    limit,
  );
}

const claimedText = ({ claimed }: Replayed, limit: number): string =>
  section(
    'Claims that get their volumes, for tasks that wait for them',
    '',
    ['CLAIM', 'NODE', 'VOLUME', 'WORKLOAD'],
    claimed.map(({ claim, node, volume, workload }) => [claim, node, volume ?? 'to be made', workload]),
    limit,
  );

const evictedText = ({ evicted }: Replayed, limit: number): string =>
  section(
    'Evicted for others, after all that is created',
    '',
    ['POD', 'WORKLOAD', 'FOR', 'NOTICE UNTIL'],
    evicted.map((each) => [each.pod, each.workload, each.for, each.notice ?? '-']),
    limit,
  );

const changedText = ({ changed }: Replayed, limit: number): string =>
  section(
    'Changed in place, to the template of their workload',
    '',
    ['POD', 'WORKLOAD'],
    changed.map(({ pod, workload }) => [pod, workload]),
    limit,
  );

/** What one cycle would decide, for people. @param limit most rows of a table */
export function replayText(replayed: Replayed, limit: number): string {
  const { at, nodes, pods, workloads, claimed, declined, waiting, evicted, deleted, durationMs } = replayed;
  const parts = [
    `One cycle at ${at}: ${counted(nodes, 'node')}, ${counted(pods, 'Pod')}, ${counted(workloads, 'workload')}; it took ${durationMs.toFixed(1)} ms.`,
    createdText(replayed, limit),
    ...(claimed.length === 0 ? [] : [claimedText(replayed, limit)]),
    section(
      'Declined',
      'No offer would be declined.',
      ['WORKLOAD', '>OFFERS', 'WHY'],
      declined.map(({ workload, offers, why }) => [workload, String(offers), why]),
      limit,
    ),
    section(
      'Waiting after it',
      'Nothing would wait.',
      ['WORKLOAD', '>TASKS', 'REASON', 'WHY'],
      waiting.map(({ workload, tasks, reason, message }) => [workload, String(tasks), reason, message]),
      limit,
    ),
    ...(evicted.length === 0 ? [] : [evictedText(replayed, limit)]),
    ...(replayed.changed.length === 0 ? [] : [changedText(replayed, limit)]),
    section(
      'Deleted, after all that is created',
      'Nothing would be deleted.',
      ['POD', 'WORKLOAD', 'REASON', 'WHY'],
      deleted.map(({ pod, workload, reason, why }) => [pod, workload, reason, why]),
      limit,
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}
