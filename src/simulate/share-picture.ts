import type { Curve, Curves } from './history.ts';
import { axisTop, ticks } from './share-axis.ts';
import { percent } from '../lib/figures.ts';

const LEVELS = ' ▁▂▃▄▅▆▇█';
const MOST_ROLES = 16;
const MOST_LABEL = 24;

/** The share in each column: the mean of what falls into it, else what was there before. */
function columnsOf({ points }: Curve, { from, to }: Curves, width: number): number[] {
  const sums = Array.from({ length: width }, () => ({ sum: 0, count: 0 }));
  for (const { x, share } of points) {
    const at = to === from ? 0 : Math.min(width - 1, Math.floor(((x - from) / (to - from)) * width));
    sums[at]!.sum += share;
    sums[at]!.count++;
  }
  let last = 0;
  return sums.map(({ sum, count }) => (last = count === 0 ? last : sum / count));
}

/** Rows of a strip, the top one first. */
function strip(columns: readonly number[], top: number, height: number): string[] {
  const levels = columns.map((share) => {
    const eighths = Math.round((share / top) * height * 8);
    return share > 0 ? Math.max(1, eighths) : 0;
  });
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    return levels.map((level) => LEVELS[Math.min(8, Math.max(0, level - below))]!).join('');
  });
}

/** The line under the strips, with numbers at round places. */
function axisLine({ axis, from, to }: Curves, width: number): string {
  const line = Array.from({ length: width + 12 }, () => ' ');
  let free = 0;
  for (const tick of ticks(from, to, Math.max(2, Math.floor(width / 12)))) {
    const at = to === from ? 0 : Math.min(width - 1, Math.floor(((tick - from) / (to - from)) * width));
    const text = axis === 'time' ? `${tick} s` : String(tick);
    if (at < free) continue;
    line.splice(at, text.length, ...text.split(''));
    free = at + text.length + 1;
  }
  return line.join('').trimEnd();
}

/** Shares along time, a strip for each role, all on one scale. @param width columns of the terminal */
export function sharePicture(curves: Curves, width: number): string {
  const shown = curves.curves.slice(0, MOST_ROLES);
  if (shown.length === 0) return '';
  const top = axisTop(curves.top);
  const height = shown.length <= 4 ? 4 : shown.length <= 8 ? 2 : 1;
  const labels = shown.map(({ role }) =>
    role.length > MOST_LABEL ? `${role.slice(0, MOST_LABEL - 1)}…` : role,
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const columns = Math.min(100, Math.max(30, width - margin - 12));
  const lines = shown.flatMap((curve, i) => {
    const rows = strip(columnsOf(curve, curves, columns), top, height);
    return rows.map((row, r) => {
      const last = r === height - 1;
      return `${(last ? labels[i]! : '').padEnd(margin)} ┤${row}${last ? `│ ${percent(curve.last)}` : '│'}`;
    });
  });
  const hidden = curves.curves.length - shown.length;
  const scale = `full height ${percent(top)}, last share to the right`;
  const blank = ' '.repeat(margin + 2);
  return [
    `Shares over ${curves.axis === 'time' ? 'time' : 'the steps'} (${scale})`,
    '',
    ...lines,
    `${' '.repeat(margin + 1)}└${'─'.repeat(columns)}┘`,
    `${blank}${axisLine(curves, columns)}${curves.axis === 'step' ? '  (number of the step)' : ''}`,
    ...(hidden > 0 ? [`… ${hidden} more roles`] : []),
    '',
  ].join('\n');
}
