import { ANNOTATION, LABEL, SESSION_PREFIX } from '../api/group.ts';
import { parseTime } from '../lib/time.ts';

/** A session on a game server, as its Pod tells of it. */
export interface Session {
  readonly id: string;
  /** Allocated or Reserved; what the label of the server says, when the server is its alone. */
  readonly state: string;
  /** Since when it has the server, ms since the epoch; 0 when nobody says. */
  readonly heldSince: number;
  /** Until when the server is kept for it though it has not begun, ms since the epoch; undefined when for good. */
  readonly heldUntil: number | undefined;
  /** How long it may last, ms since the epoch; undefined when for good. */
  readonly sessionUntil: number | undefined;
  /** It is one of several: an annotation of its own tells of it, and no label. */
  readonly shares: boolean;
}

/** No sessions: what most Pods have. */
const NONE: readonly Session[] = Object.freeze([]);

/** What the annotation of a session says, which anybody may have edited; undefined when that is no object. */
export function sessionFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

type Texts = Readonly<Record<string, string>>;

/** The sessions on a server. An annotation that cannot be read counts as absent. */
export function sessionsIn(labels: Texts = {}, annotations: Texts = {}): readonly Session[] {
  const sessions: Session[] = [];
  const add = (id: string, state: unknown, times: Readonly<Record<string, unknown>>, shares: boolean) => {
    const at = (time: unknown): number => parseTime(typeof time === 'string' ? time : undefined);
    sessions.push({
      id,
      state: typeof state === 'string' ? state : '',
      heldSince: at(times['heldSince']),
      heldUntil: at(times['heldUntil']) || undefined,
      sessionUntil: at(times['sessionUntil']) || undefined,
      shares,
    });
  };
  const alone = labels[LABEL.session] ?? '';
  if (alone !== '') {
    const { heldSince, heldUntil, sessionUntil } = ANNOTATION;
    const times = {
      heldSince: annotations[heldSince],
      heldUntil: annotations[heldUntil],
      sessionUntil: annotations[sessionUntil],
    };
    add(alone, labels[LABEL.state], times, false);
  }
  for (const key in annotations) {
    if (!key.startsWith(SESSION_PREFIX)) continue;
    const fields = sessionFields(annotations[key]!);
    if (fields) add(key.slice(SESSION_PREFIX.length), fields['state'], fields, true);
  }
  return sessions.length === 0 ? NONE : sessions;
}

/** When the first of some sessions has lasted for as long as it may, ms since the epoch; Infinity when none ends by itself. */
export const firstEnd = (sessions: readonly Session[]): number =>
  sessions.reduce((first, { sessionUntil = Infinity }) => Math.min(first, sessionUntil), Infinity);
