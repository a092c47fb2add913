/** A mutant in Stryker's report. */
interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

/** Stryker's report, as far as it is read here. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

/** How many mutants of a folder were found out. */
export interface Tally {
  readonly name: string;
  readonly killed: number;
  readonly all: number;
}

/** A mutant that never ends is found out too: a test that hangs fails. */
const KILLED = ['Killed', 'Timeout'];
const ALIVE = ['Survived', 'NoCoverage'];

/**
 * Counts by group of files, with the sum of all at the end. Mutants of code that runs only when its module is loaded
 * are not tried, nor counted.
 */
export function tally({ files }: Report, groupOf: (file: string) => string): Tally[] {
  const groups = new Map<string, { killed: number; all: number }>();
  const total = { killed: 0, all: 0 };
  for (const [file, { mutants }] of Object.entries(files)) {
    const name = groupOf(file);
    const group = groups.get(name) ?? { killed: 0, all: 0 };
    groups.set(name, group);
    for (const { status } of mutants) {
      const killed = KILLED.includes(status);
      if (!killed && !ALIVE.includes(status)) continue;
      for (const count of [group, total]) {
        count.all++;
        if (killed) count.killed++;
      }
    }
  }
  const named = [...groups].map(([name, counts]) => ({ name, ...counts }));
  return [...named.sort((a, b) => (a.name < b.name ? -1 : 1)), { name: 'all', ...total }];
}

/** A part in percent with one decimal; a dash of nothing. */
export const percentOf = (part: number, all: number): string =>
  all === 0 ? '-' : `${((100 * part) / all).toFixed(1)} %`;
