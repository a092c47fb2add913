import type { Difference, Shares } from './report.ts';

/** How far a share may be off when nobody says: a scenario can write a third as 0.333. */
const WITHIN = 0.0005;
/** What computing adds to that. */
const NOISE = 1e-9;

/** Up to three decimals. */
const shareText = (share: number): string => String(Math.round(share * 1000) / 1000);

function compare(
  expected: Readonly<Record<string, number>>,
  found: (name: string) => number,
  tolerance: number,
  of: (name: string) => string,
): Difference[] {
  return Object.entries(expected).flatMap(([name, wanted]): Difference[] => {
    const got = found(name);
    if (Math.abs(got - wanted) <= tolerance) return [];
    return [{ what: 'other', of: of(name), expected: String(wanted), found: shareText(got), detail: '' }];
  });
}

/** What a step `expectState` says. */
export interface ExpectedState {
  readonly shares?: Shares;
  readonly within?: number;
  readonly tasks?: Readonly<Record<string, number>>;
}

/** Compares how things stand with what is expected. @param tasks running ones of a framework */
export function compareState(
  { shares: wanted = {}, within = WITHIN, tasks: running = {} }: ExpectedState,
  shares: Shares,
  tasks: (framework: string) => number,
): Difference[] {
  return [
    ...compare(
      wanted,
      (role) => shares[role] ?? 0,
      within + NOISE,
      (role) => `share of ${role}`,
    ),
    ...compare(running, tasks, 0, (framework) => `tasks of ${framework}`),
  ];
}

/** Compares the order of a sorter with a step `expectOrder`. */
export function compareOrder(expected: readonly string[], found: readonly string[]): Difference[] {
  if (expected.length === found.length && expected.every((client, i) => client === found[i])) return [];
  const list = (clients: readonly string[]) => clients.join(', ') || 'nobody';
  return [{ what: 'other', of: 'order', expected: list(expected), found: list(found), detail: '' }];
}
