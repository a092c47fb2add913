import type { Signal } from './signal.ts';

/** The kinds of workload that rules are written for. */
export type WorkloadKind = 'GameServerPool' | 'TrainingJob';

/** What is done about a task. */
export type Action =
  /** Leave it alone. */
  | 'keep'
  /** It is on its way out by somebody's order: fill its slot, do not touch it. */
  | 'refill'
  /** Recreate it at once; not the task's fault. */
  | 'replace'
  /** Recreate it after its back-off, and count a failure. */
  | 'retry'
  /** It has done its work: never recreate it. */
  | 'complete';

/**
 * The rule table: what each signal means for each kind of workload. A server that ends cleanly has played its
 * session and makes room for the next; a worker that ends cleanly is done. A server that lost a helper will never be ready
 * again; a worker needs not be ready, and hours of work may be in its main container, which ends the task when it ends.
 */
export const RULES: Readonly<Record<WorkloadKind, Readonly<Record<Signal, Action>>>> = {
  GameServerPool: {
    Ready: 'keep',
    Starting: 'keep',
    Deleting: 'refill',
    Rejected: 'replace',
    Evicted: 'replace',
    Exited: 'replace',
    Rebooted: 'replace',
    Crashed: 'retry',
    HelperCrashed: 'retry',
    NodeGone: 'replace',
    NodeLeaving: 'replace',
    NodeLost: 'replace',
    Closed: 'retry',
    Mute: 'retry',
    NeverStarted: 'keep',
  },
  TrainingJob: {
    Ready: 'keep',
    Starting: 'keep',
    Deleting: 'refill',
    Rejected: 'replace',
    Evicted: 'replace',
    Exited: 'complete',
    Rebooted: 'replace',
    Crashed: 'retry',
    HelperCrashed: 'keep',
    NodeGone: 'replace',
    NodeLeaving: 'replace',
    NodeLost: 'replace',
    Closed: 'keep',
    Mute: 'keep',
    NeverStarted: 'retry',
  },
};

/** A task that ended this soon after its start is held to have failed, whatever its exit code: no hot loops. */
const SHORT_RUN_MS = 5_000;
export const endsSoon = (ranMs: number): boolean => ranMs < SHORT_RUN_MS;

/** Kinds whose tasks players may hold. Budgets are for the tasks of the others. */
const PLAYED: ReadonlySet<string> = new Set<WorkloadKind>(['GameServerPool']);
export const mayBePlayed = (kind: string): boolean => PLAYED.has(kind);

/**
 * True when players hold the server, so that Proffer must not delete it. Any value of the label says so: a typo in it
 * may cost a server that stays, never a session.
 */
export const isProtected = (session: string): boolean => session !== '';

/** Signals of servers that players may be on all the same. */
const MAY_BE_PLAYED: ReadonlySet<Signal> = new Set(['NodeLost', 'NodeLeaving', 'HelperCrashed', 'Mute']);

/**
 * Looks the action up.
 * @param session state label of a game server, or empty
 * @param ranMs how long an ended task had run; 0 when unknown
 */
export function actionFor(kind: WorkloadKind, signal: Signal, session: string, ranMs: number): Action {
  if (MAY_BE_PLAYED.has(signal) && isProtected(session)) return 'keep';
  const action = RULES[kind][signal];
  return signal === 'Exited' && action === 'replace' && endsSoon(ranMs) ? 'retry' : action;
}
