import type { TriedMutant } from './verdict.ts';

/** How many mutants of a group of files were found out. */
export interface Tally {
  readonly name: string;
  /** Without those that were not tried. */
  readonly mutants: number;
  /** Killed, and those that never end: a test that hangs fails. */
  readonly found: number;
  /** How many of those found never end. */
  readonly timeouts: number;
  /** How many were not tried, nor counted, since they only run when their module is loaded. */
  readonly static: number;
}

type Counts = { -readonly [key in Exclude<keyof Tally, 'name'>]: number };

const NOTHING: Counts = { mutants: 0, found: 0, timeouts: 0, static: 0 };

function count(counts: Counts, { verdict }: TriedMutant): void {
  if (verdict === 'static') {
    counts.static++;
    return;
  }
  counts.mutants++;
  if (verdict === 'killed' || verdict === 'timeout') counts.found++;
  if (verdict === 'timeout') counts.timeouts++;
}

/** Counts by group of files, in the order of their names, with the sum of all at the end. */
export function tally(mutants: readonly TriedMutant[], groupOf: (file: string) => string): Tally[] {
  const groups = new Map<string, Counts>();
  const all = { ...NOTHING };
  for (const mutant of mutants) {
    const name = groupOf(mutant.file);
    const group = groups.get(name) ?? { ...NOTHING };
    groups.set(name, group);
    count(group, mutant);
    count(all, mutant);
  }
  const named = [...groups].map(([name, counts]) => ({ name, ...counts }));
  return [...named.sort((a, b) => (a.name < b.name ? -1 : 1)), { name: 'all', ...all }];
}

/** A part in percent with one decimal; a dash of nothing. */
export const percentOf = (part: number, all: number): string =>
  all === 0 ? '-' : `${((100 * part) / all).toFixed(1)} %`;
