import { counted } from '../lib/figures.ts';
import type { Explained, Verdict } from '../dump/index.ts';
import { listed } from '../lib/bounded-text.ts';
import { leftOut, tableLines, type Column } from '../lib/table.ts';
import { amountsInWords } from './words.ts';

/** Most Pods that are named. */
const MOST = 4;

const COLUMNS: readonly Column[] = ['NODE', 'FITS', '>A ROOM', '>B SCORE', '>C', 'WHY NOT'];

/** B with its parts: what C takes off, and tasks of the class that are on the node already. */
function scoreInWords(scores: Verdict['scores']): string {
  const { penalty = 0, total = 0, here = 0, ...parts } = scores;
  const sum = Object.entries(parts).map(([name, points]) => `${name} ${points}`);
  return `${total} = ${sum.join(' + ')}${penalty > 0 ? ` - ${penalty}` : ''}${here > 0 ? `, ${here} here` : ''}`;
}

/** The reasons, each with what is lacking where it is a resource. */
function reasonsInWords({ reasons, missing }: Verdict): string {
  const lacking = (reason: string): string => {
    const resource = reason === 'Too many pods' ? 'pods' : reason.replace(/^Insufficient /, '');
    const amount = missing[resource];
    return amount === undefined ? reason : `${reason} (${amount} more)`;
  };
  return reasons.map(lacking).join('; ');
}

const faultInWords = ({ fault, cause }: Verdict): string => (fault > 0 ? `${fault} ${cause}` : '0');

/** How many nodes speak against it and why, most first. */
function countsInWords(verdicts: Explained['verdicts']): string {
  const counts = new Map<string, number>();
  for (const { reasons } of verdicts.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, x], [, y]) => y - x)
    .map(([reason, nodes]) => `${nodes} ${reason}`)
    .join(', ');
}

/** Where its gang stands in the line of its role. */
function queueInWords({ place, expectedStart }: NonNullable<Explained['queue']>): string {
  if (place > 1) return `Its place in the line of its role is ${place}.`;
  const when = expectedStart === undefined ? '' : `; deadlines free its room by ${expectedStart}`;
  return `It is the next in the line of its role${when}.`;
}

function heading({
  pods,
  workload,
  waiting,
  standing,
  node,
  held,
  queue,
  needs,
  hostPorts,
}: Explained): string[] {
  const many = pods.length > 1;
  const state =
    node !== undefined
      ? `is on ${node}; as if it were not there`
      : waiting
        ? many
          ? 'wait for a node'
          : 'waits for a node'
        : standing !== ''
          ? `${standing}; one more task`
          : 'waits for nothing';
  // A workload that waits for no node stands for itself.
  const subject = standing !== '' && !waiting ? workload! : listed(pods, ', ', String, MOST);
  const whose = workload === undefined || workload.endsWith(`/${pods[0]}`) ? '' : ` of ${workload}`;
  const ports = hostPorts > 0 ? `, ${counted(hostPorts, 'host port')}` : '';
  return [
    `${subject}${whose}: ${state}.`,
    ...(held === undefined ? [] : [`${held.reason}: ${held.message}`]),
    ...(queue === undefined ? [] : [queueInWords(queue)]),
    `${many ? 'Each needs' : 'Needs'} ${amountsInWords(needs)}${ports}.`,
  ];
}

function table({ verdicts, node: here }: Explained, limit: number): string[] {
  // Those that fit first, in the order in which placement takes them.
  const ordered = [...verdicts].sort(
    ([x, a], [y, b]) =>
      Number(b.fits) - Number(a.fits) || b.scores['total']! - a.scores['total']! || (x < y ? -1 : 1),
  );
  const rows = ordered
    .slice(0, limit)
    .map(([node, verdict]) => [
      node === here ? `${node} *` : node,
      verdict.fits ? 'yes' : 'no',
      String(verdict.room),
      scoreInWords(verdict.scores),
      faultInWords(verdict),
      reasonsInWords(verdict),
    ]);
  return [
    ...tableLines(COLUMNS, rows),
    ...leftOut({ shown: rows.length, total: ordered.length }, 'node', 'raise --limit'),
  ];
}

function block(explained: Explained, limit: number): string {
  const { fits, verdicts, unsupported, unknown, node } = explained;
  const counts = countsInWords(verdicts);
  const sum =
    verdicts.size === 0
      ? 'No nodes are known.'
      : `${fits.length} of ${counted(verdicts.size, 'node')} can take it${counts === '' ? '' : `: ${counts}`}.`;
  const lines = [
    ...heading(explained),
    ...(unsupported.length === 0
      ? []
      : [`Not supported, so that nothing is known of what it asks for: ${unsupported.join(', ')}.`]),
    ...(unknown.length === 0 ? [] : [`Not looked at: ${unknown.join('; ')}.`]),
    sum,
    ...(verdicts.size === 0 ? [] : ['', ...table(explained, limit)]),
    ...(node === undefined || !verdicts.has(node) ? [] : ['* where it is now']),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is explained, for people, part by part. @param limit most nodes of a table */
export function* explainedText(all: Iterable<Explained>, limit: number): Generator<string> {
  let separator = '';
  for (const explained of all) {
    yield separator + block(explained, limit);
    separator = '\n';
  }
  if (separator === '') yield 'No task waits: every Pod has a node, and no pool or job lacks a task.\n';
}
