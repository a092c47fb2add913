import { isSameJson } from '../lib/same-json.ts';
import type { FrameworkOutcome } from '../plan/outcome.ts';
import type { Statement, Telling } from '../plan/telling.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';
import type { Workload } from '../snapshot/workload.ts';

interface Kept {
  readonly outcome: FrameworkOutcome;
  readonly recovered: number;
  /** When it was said, ms since the epoch. */
  readonly at: number;
  readonly said: Statement | undefined;
}

/** What workloads say of themselves, kept while nothing changed that it follows from. */
export class Sayings {
  readonly #kept = new WeakMap<Workload, Kept>();

  /**
   * What a workload says after a cycle. One with tasks that wait or start is asked anew each time: what they hear is of
   * others too.
   * @param recovered tasks recreated over its life @param now ms since the epoch
   */
  of(
    teller: Telling,
    workload: Workload,
    outcome: FrameworkOutcome,
    recovered: number,
    now: number,
  ): Statement | undefined {
    const kept = this.#kept.get(workload);
    const isKept =
      kept !== undefined &&
      kept.recovered === recovered &&
      // Time alone may change it, and a clock may go back.
      kept.at <= now &&
      now < kept.outcome.framework.wakeAt &&
      isAlike(kept.outcome, outcome);
    if (isKept) return kept.said;
    const made = teller.status(workload, outcome, recovered, now);
    // The object that is stored is compared to itself at once.
    const said =
      made && isSameJson(made.status, workload.status) ? { ...made, status: workload.status } : made;
    this.#kept.set(workload, { outcome, recovered, at: now, said });
    return said;
  }
}

/** Whether two outcomes of a workload are the same, and of nobody but itself. */
function isAlike(before: FrameworkOutcome, after: FrameworkOutcome): boolean {
  if (isOpen(before) || isOpen(after) || before.note !== after.note) return false;
  const { classes } = before.framework;
  return (
    isSameIn(FRAMEWORK_FIELDS_OF_CYCLE, before.framework, after.framework) &&
    classes.length === after.framework.classes.length &&
    classes.every((each, i) => isSameIn(CLASS_FIELDS_OF_CYCLE, each, after.framework.classes[i]!))
  );
}

const isOpen = ({ launched, waiting, framework }: FrameworkOutcome): boolean =>
  launched + waiting > 0 || framework.classes.some(({ pending }) => pending.length > 0);

/** What each cycle makes anew, and no status reads: a draft that is kept has all else. */
const FRAMEWORK_FIELDS_OF_CYCLE: ReadonlySet<string> = new Set<keyof Framework>([
  'index',
  'classes',
  'account',
  'wakeAt',
]);
const CLASS_FIELDS_OF_CYCLE: ReadonlySet<string> = new Set<keyof DemandClass>([
  'id',
  'framework',
  'avoids',
  'pending',
]);

function isSameIn<T extends object>(except: ReadonlySet<string>, a: T, b: T): boolean {
  const keys = Object.keys(a) as (keyof T & string)[];
  return (
    keys.length === Object.keys(b).length && keys.every((key) => except.has(key) || Object.is(a[key], b[key]))
  );
}
