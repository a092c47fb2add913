import { REASON } from '../../api/conditions.ts';
import type { Crash, CrashBudget } from '../../api/pool/crash-budget.ts';
import { boundedText } from '../../lib/bounded-text.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import { lastFailure } from '../../snapshot/class.ts';
import type { Hold } from '../../snapshot/hold.ts';
import type { Judged } from '../../snapshot/slots.ts';

/** What has been used up of a budget for crashes. */
export interface Spending {
  /** Crashes that the status is to hold, the oldest first; undefined without a budget. */
  readonly crashes: readonly Crash[] | undefined;
  /** Set while the budget is spent: nothing is created. */
  readonly hold: Hold | undefined;
  /** When the budget is not spent any more, ms since the epoch; Infinity when it is not. */
  readonly until: number;
  /**
   * Whether a Pod may be cleared away: the status that the API server holds counts its crash, or need not. Else an operator
   * that starts anew would not know of it.
   */
  readonly isCounted: (judged: Judged) => boolean;
}

const NO_BUDGET: Spending = {
  crashes: undefined,
  hold: undefined,
  until: Number.POSITIVE_INFINITY,
  isCounted: () => true,
};

const order = (a: Crash, b: Crash): number =>
  a.at === b.at ? (a.uid < b.uid ? -1 : 1) : a.at < b.at ? -1 : 1;

/**
 * Counts the crashes of a pool within the window of its budget: those of its current template, since a mended one deserves
 * to be tried.
 * @param told crashes that the status holds, as the API server has it
 * @param gone servers that ended and whose Pods are there
 * @param revision of the template
 * @param now ms since the epoch
 */
export function spendingOf(
  budget: CrashBudget | undefined,
  told: readonly Crash[],
  gone: readonly Judged[],
  revision: string,
  now: number,
): Spending {
  if (!budget) return NO_BUDGET;
  const { limit, windowSeconds } = budget;
  const windowMs = windowSeconds * 1000;
  // Another operator wrote by another clock: one that is far ahead must not hold the pool for ever.
  const counts = (crash: Crash): boolean =>
    crash.revision === revision && Math.abs(now - parseTime(crash.at)) < windowMs;
  const crashOf = ({ pod: { uid, endedAt = now, task } }: Judged): Crash => ({
    uid,
    at: formatTime(endedAt),
    revision: task.revision,
  });
  const held = told.filter(counts);
  const known = new Set(held.map(({ uid }) => uid));
  const fresh = gone.filter(({ action, pod }) => action === 'retry' && !known.has(pod.uid)).map(crashOf);
  const crashes = [...held, ...fresh.filter(counts)].sort(order).slice(-limit);
  const until = crashes.length < limit ? Number.POSITIVE_INFINITY : parseTime(crashes[0]!.at) + windowMs;
  // Of more than the limit the last ones are held.
  const oldest = held.toSorted(order).at(-limit);
  const isCounted = (judged: Judged): boolean => {
    if (judged.action !== 'retry' || known.has(judged.pod.uid)) return true;
    const crash = crashOf(judged);
    return !counts(crash) || (oldest !== undefined && order(crash, oldest) < 0);
  };
  return { crashes, hold: spentHold(budget, until, lastFailure(gone)), until, isCounted };
}

function spentHold({ limit, windowSeconds }: CrashBudget, until: number, last: string): Hold | undefined {
  if (until === Number.POSITIVE_INFINITY) return undefined;
  const message =
    `the crash budget is spent: ${limit} ${limit === 1 ? 'server' : 'servers'} crashed within ${windowSeconds} s` +
    `${last === '' ? '' : `, the last one: ${last}`}; none is created until ${formatTime(until)}`;
  return { reason: REASON.crashes, message: boundedText(message) };
}
