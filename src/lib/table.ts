import { counted } from './figures.ts';
import { largest } from './unbounded.ts';

/** The title of a column. One that begins with > stands over numbers, which are under each other at their right end. */
export type Column = string;

const GAP = '   ';

const titleOf = (column: Column): string => column.replace(/^>/, '');

const widthOf = (column: Column, rows: readonly (readonly string[])[], c: number): number =>
  largest(
    rows.map((row) => row[c]!.length),
    titleOf(column).length,
  );

/** Lines of a table with aligned columns, the titles first. Cells hold one line each. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, c) => widthOf(column, rows, c));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (columns[c]!.startsWith('>') ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join(GAP)
      .trimEnd();
  return [columns.map(titleOf), ...rows].map(line);
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
    used += widthOf(columns[c]!, rows, c) + (c > 0 ? GAP.length : 0);
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
