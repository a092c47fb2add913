import type { ServerWish } from '../api/allocation.ts';
import { ANNOTATION, COUNTER_PREFIX, LABEL, SESSION_PREFIX, SESSIONS } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import type { Counters } from '../snapshot/hints.ts';
import type { Session } from '../snapshot/sessions.ts';
import type { TaskPod } from '../snapshot/slots.ts';
import type { Entry } from './entry.ts';
import { AllocationError } from './errors.ts';

/** What a write changes on the Pod of a server; null takes a key off. */
export interface Marks {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** For how long a server is held. */
export interface Hold {
  readonly state: 'Allocated' | 'Reserved';
  /** Ends by itself after so many seconds, unless the session begins; undefined when never. */
  readonly seconds: number | undefined;
}

/** A body that changes a Pod only while it is as it was seen. */
export const guarded = ({ uid, resourceVersion }: TaskPod, marks: Marks) => ({
  metadata: { uid, resourceVersion, ...marks },
});

const timeIn = (
  name: 'heldUntil' | 'sessionUntil',
  seconds: number | undefined,
  now: number,
): Partial<Entry> => (seconds === undefined ? {} : { [name]: formatTime(now + seconds * 1000) });

/** A counter of a server as an annotation. */
export const counterMark = (
  name: string,
  { count, capacity }: { readonly count: number; readonly capacity?: number | undefined },
): Record<string, string> => ({
  [`${COUNTER_PREFIX}${name}`]: capacity === undefined ? `${count}` : `${count}/${capacity}`,
});

/**
 * Counters of a server after changes: never below 0, nor above what there may be.
 * @returns those that changed, as annotations, and the names of those of which not the whole change fitted
 */
function countersAfter(
  counters: Counters,
  changes: ServerWish['counters'],
): { readonly annotations: Record<string, string>; readonly clipped: string[] } {
  const annotations: Record<string, string> = {};
  const clipped: string[] = [];
  for (const [name, { add }] of Object.entries(changes)) {
    const { count = 0, capacity } = counters[name] ?? {};
    const after = Math.max(0, Math.min(capacity ?? 999_999_999, count + add));
    if (after !== count + add) clipped.push(name);
    Object.assign(annotations, counterMark(name, { count: after, capacity }));
  }
  return { annotations, clipped };
}

/** Most text that the annotations of a session may come to that shares its server: a Pod holds a quarter of a megabyte. */
const MOST_TEXT = 2048;

/** What a session writes of itself on the Pod of a server that is its alone. */
const aloneMarks = (id: string, { state, annotations, ...times }: Entry): Marks => ({
  labels: { [LABEL.state]: state, [LABEL.session]: id },
  annotations: {
    ...annotations,
    [ANNOTATION.heldSince]: times.heldSince ?? null,
    [ANNOTATION.heldUntil]: times.heldUntil ?? null,
    [ANNOTATION.sessionUntil]: times.sessionUntil ?? null,
    [ANNOTATION.sessionKeys]: Object.keys(annotations).join(',') || null,
  },
});

/** Takes off what a session wrote of itself that had the server alone. */
const ALONE_NO_MORE: Marks = {
  labels: { [LABEL.session]: null },
  annotations: {
    [ANNOTATION.heldSince]: null,
    [ANNOTATION.heldUntil]: null,
    [ANNOTATION.sessionUntil]: null,
    [ANNOTATION.sessionKeys]: null,
  },
};

/** The annotation of one of several sessions. */
const sharedMark = (id: string, entry: object | null): Record<string, string | null> => ({
  [`${SESSION_PREFIX}${id}`]: entry && JSON.stringify(entry),
});

/** The sessions that hold a server: what is told of others was left behind when somebody took the label off. */
const holders = ({ session, sessions }: TaskPod['task']): readonly Session[] =>
  session === '' ? [] : sessions;

/** The state of a server by the sessions on it; null when there are none. */
function stateBy(sessions: readonly Pick<Session, 'state'>[]): string | null {
  if (sessions.length === 0) return null;
  return sessions.every(({ state }) => state === 'Reserved') ? 'Reserved' : 'Allocated';
}

/** What is written of how many sessions a server has that takes several. */
const countMark = ({ task }: TaskPod, count: number, capacity = task.counters[SESSIONS]?.capacity) =>
  counterMark(SESSIONS, { count, capacity });

/**
 * Makes a server that of a session, alone or as one of several.
 * @param perServer how many sessions it takes
 * @param now ms since the epoch
 * @throws AllocationError when a Pod cannot hold what the caller writes with one of several
 */
export function holdMarks(
  server: TaskPod,
  wish: ServerWish,
  { state, seconds }: Hold,
  perServer: number,
  now: number,
): Marks & { readonly clipped: readonly string[] } {
  const { task } = server;
  const { session: id } = wish;
  const entry: Entry = {
    state,
    heldSince: formatTime(now),
    ...timeIn('heldUntil', seconds, now),
    ...timeIn('sessionUntil', wish.sessionSeconds, now),
    annotations: wish.annotations,
  };
  const counters = countersAfter(task.counters, wish.counters);
  const there = holders(task);
  const known = there.find((each) => each.id === id);
  const left = task.sessions.filter(({ shares }) => shares && task.session === '');
  const gone = Object.assign({}, ...left.map((each) => sharedMark(each.id, null))) as Marks['annotations'];
  const { clipped } = counters;
  if (!(known?.shares ?? perServer > 1)) {
    const { labels, annotations } = aloneMarks(id, entry);
    return { labels, annotations: { ...gone, ...annotations, ...counters.annotations }, clipped };
  }
  if (JSON.stringify(entry.annotations).length > MOST_TEXT)
    throw new AllocationError(
      'PROFFER_ALLOCATION_INVALID',
      `annotations: a session that shares its server can write ${MOST_TEXT} bytes of them: write less`,
      { field: 'annotations' },
    );
  const all = [...there.filter((each) => each.id !== id), entry];
  return {
    labels: {
      ...(there.some(({ shares }) => !shares) ? {} : ALONE_NO_MORE.labels),
      [LABEL.state]: stateBy(all),
    },
    annotations: {
      ...gone,
      ...counters.annotations,
      ...countMark(server, all.length, perServer),
      ...sharedMark(id, entry),
    },
    clipped,
  };
}

/** The session has begun: its server is kept until it is released. */
export function beginMarks({ task }: TaskPod, id: string, entry: Entry): Marks {
  const shares = task.sessions.some((each) => each.id === id && each.shares);
  return {
    labels: {},
    annotations: shares
      ? sharedMark(id, { ...entry, heldUntil: undefined })
      : { [ANNOTATION.heldUntil]: null },
  };
}

/**
 * Takes a session off its server; the others on it stay.
 * @param next Drain has the pool replace the server, once nobody holds it
 */
export function releaseMarks(server: TaskPod, id: string, entry: Entry, next: 'Ready' | 'Drain'): Marks {
  const others = holders(server.task).filter((each) => each.id !== id);
  const labels = { [LABEL.state]: stateBy(others), ...(next === 'Drain' ? { [LABEL.intent]: 'Drain' } : {}) };
  if (server.task.sessions.some((each) => each.id === id && each.shares))
    return { labels, annotations: { ...sharedMark(id, null), ...countMark(server, others.length) } };
  const written = Object.keys(entry.annotations).map((key) => [key, null]);
  return {
    labels: { ...ALONE_NO_MORE.labels, ...labels },
    annotations: { ...(Object.fromEntries(written) as Marks['annotations']), ...ALONE_NO_MORE.annotations },
  };
}
