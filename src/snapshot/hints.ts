import { ANNOTATION, COUNTER_PREFIX, INTENTS, LABEL, POD_CONDITION, SESSION_CAPACITY } from '../api/group.ts';
import { MOST_SESSIONS } from '../api/pool/sessions.ts';
import { record } from '../lib/record.ts';
import type { Pod } from './reading/objects.ts';
import { sessionsIn, type Session } from './sessions.ts';
import { Sharing } from './sharing.ts';

/** How much of something a server has, such as players. */
export interface Counter {
  readonly count: number;
  /** How much there may be; undefined when nobody says. */
  readonly capacity: number | undefined;
}

/** Counters of a server by their names. */
export type Counters = Readonly<Record<string, Counter>>;

/** What is meant to become of a server; empty when nothing is. */
export type Intent = (typeof INTENTS)[number] | '';

/** What others write on a server for Proffer to go by. */
export interface Hints {
  /** The sessions on it that are told; they hold it while its label `state` says that somebody does. */
  readonly sessions: readonly Session[];
  readonly intent: Intent;
  /** Of servers that may go the higher goes first. */
  readonly deletionPriority: number;
  readonly counters: Counters;
  /** Whether it answers queries; undefined while nobody has asked. */
  readonly answers: boolean | undefined;
}

/**
 * How many sessions a server takes: where its pool has several, as many as it says itself.
 * @param perServer how many the servers of its pool take
 */
export const sessionsTaken = (counters: Counters, perServer: number): number =>
  perServer > 1 ? Math.min(MOST_SESSIONS, counters[SESSION_CAPACITY]?.count ?? perServer) : perServer;

/** No counters. */
const NO_COUNTERS: Counters = Object.freeze(record<Counter>());

/** Most counters of one server that are read, the first by name. */
export const MOST_COUNTERS = 16;

const AMOUNT = String.raw`(0|[1-9]\d{0,8})`;
const COUNTER = new RegExp(`^${AMOUNT}(?:/${AMOUNT})?$`);
const PRIORITY = /^(0|-?[1-9]\d{0,8})$/;

/** Makes a reader of hints. Equal counters share one object. What is not written as it should be counts as absent. */
export function createHintReader(): (pod: Pod) => Hints {
  const shared = new Sharing<Counters>();
  return ({ metadata: { labels, annotations }, status }) => {
    const intent = labels?.[LABEL.intent];
    const priority = annotations?.[ANNOTATION.deletionPriority] ?? '';
    const answers = status?.conditions?.find(({ type }) => type === POD_CONDITION.answers)?.status;
    return {
      sessions: sessionsIn(labels, annotations),
      intent: INTENTS.find((known) => known === intent) ?? '',
      deletionPriority: PRIORITY.test(priority) ? Number(priority) : 0,
      counters: countersIn(annotations ?? {}, shared),
      answers: answers === 'True' ? true : answers === 'False' ? false : undefined,
    };
  };
}

function countersIn(annotations: Readonly<Record<string, string>>, shared: Sharing<Counters>): Counters {
  const keys = Object.keys(annotations).filter((key) => key.startsWith(COUNTER_PREFIX));
  if (keys.length === 0) return NO_COUNTERS;
  const counters = record<Counter>();
  for (const key of keys.sort().slice(0, MOST_COUNTERS)) {
    const [, count, capacity] = COUNTER.exec(annotations[key]!) ?? [];
    if (count === undefined) continue;
    counters[key.slice(COUNTER_PREFIX.length)] = {
      count: Number(count),
      capacity: capacity === undefined ? undefined : Number(capacity),
    };
  }
  return shared.share(counters);
}
