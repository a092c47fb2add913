import { counted } from './figures.ts';
import { largest } from './unbounded.ts';

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand under each other at their right end. */
  readonly right?: boolean;
}

const GAP = '   ';

/** Lines of a table with aligned columns, the titles first. Cells hold one line each. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, c) =>
    largest(
      rows.map((row) => row[c]!.length),
      title.length,
    ),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (columns[c]!.right ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join(GAP)
      .trimEnd();
  return [columns.map(({ title }) => title), ...rows].map(line);
}

/** How many leading columns fit in a width, at least `least`. */
export function columnsThatFit(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  least: number,
): number {
  let used = 0;
  for (let c = 0; c < columns.length; c++) {
    used +=
      largest(
        rows.map((row) => row[c]!.length),
        columns[c]!.title.length,
      ) + (c > 0 ? GAP.length : 0);
    if (used > width && c >= least) return c;
  }
  return columns.length;
}

/** A line that says how much is not shown; nothing when all is. */
export function leftOut(
  { shown, total }: { shown: number; total: number },
  noun: string,
  how: string,
): string[] {
  return total > shown ? [`… ${counted(total - shown, noun, 'more ')}: ${how}`] : [];
}
