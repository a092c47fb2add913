import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Inspect } from '../views/inspect.ts';
import { jsonPage, noSuchPage, type Page } from './page.ts';
import { NotInSnapshot } from '../views/limit.ts';
import { matricesView } from '../views/matrices.ts';
import { offersView } from '../views/offers.ts';
import { rolesView } from '../views/roles.ts';

/** When the cycle that a view shows began, and how long it took. */
export interface CycleStamp {
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  readonly durationMs: number;
}

/** Body of every failed answer. */
export interface Problem {
  readonly message: string;
}

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/debug/matrices': ['framework', 'node', 'limit', 'classes'],
  '/debug/offers': ['framework', 'limit'],
  '/debug/roles': ['limit'],
};

const DEFAULT_LIMIT = 200;
const MOST_ROWS = 10_000;
const DEFAULT_CLASSES = 20;
const MOST_CLASSES = 200;

/** Most bytes of an answer: what rows hold is as long as users make it, and rows are all that views count. */
const MOST_BYTES = 32 * 2 ** 20;

/** A failed answer, in a sentence. */
const problem = (status: number, message: string): Page => jsonPage(status, { message } satisfies Problem);

/** A query that cannot be answered as it is. */
class BadQuery extends Error {}

function count(query: URLSearchParams, name: string, standard: number, most: number): number {
  const given = query.get(name);
  if (given === null) return standard;
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < 1 || value > most) {
    throw new BadQuery(`${name} must be a whole number from 1 to ${most}, not "${given}"`);
  }
  return value;
}

async function view(url: URL, inspect: Inspect): Promise<object | undefined> {
  const last = inspect.latest();
  if (!last) return undefined;
  const stamp: CycleStamp = { at: new Date(last.at).toISOString(), durationMs: last.durationMs };
  const parameters = url.searchParams;
  const unknown = [...parameters.keys()].find((key) => !PARAMETERS[url.pathname]?.includes(key));
  if (unknown !== undefined) {
    throw new BadQuery(
      `there is no parameter "${unknown}" (there is: ${PARAMETERS[url.pathname]?.join(', ')})`,
    );
  }
  const limit = count(parameters, 'limit', DEFAULT_LIMIT, MOST_ROWS);
  const framework = parameters.get('framework') ?? undefined;
  switch (url.pathname) {
    case '/debug/matrices': {
      const node = parameters.get('node') ?? undefined;
      const classLimit = count(parameters, 'classes', DEFAULT_CLASSES, MOST_CLASSES);
      const query = { framework, node, limit, classLimit };
      return { ...stamp, ...(await matricesView(last.snapshot, query, nextTurn)) };
    }
    case '/debug/offers':
      return { ...stamp, ...offersView(last.offers, { framework, limit }) };
    default:
      return { ...stamp, ...rolesView(last.snapshot, { limit }) };
  }
}

/**
 * Answers /debug/matrices, /debug/offers and /debug/roles out of the last cycle.
 * @param mostBytes longest answer
 */
export async function debugPage(url: URL, inspect: Inspect, mostBytes = MOST_BYTES): Promise<Page> {
  if (!Object.hasOwn(PARAMETERS, url.pathname)) return noSuchPage(url.pathname);
  // What this replica saw when it led is not how things stand now.
  if (!inspect.leader()) return problem(503, 'this replica does not lead: ask the leader');
  try {
    const body = await view(url, inspect);
    if (!body) return problem(503, 'no cycle has run yet: ask again in a moment');
    const page = jsonPage(200, body);
    if (Buffer.byteLength(page.body) <= mostBytes) return page;
    const narrower = PARAMETERS[url.pathname]!.join(', ');
    return problem(
      400,
      `the answer is larger than ${mostBytes / 2 ** 20} MiB: ask for less of it (by ${narrower})`,
    );
  } catch (error) {
    if (error instanceof BadQuery) return problem(400, error.message);
    if (error instanceof NotInSnapshot) return problem(404, error.message);
    throw error;
  }
}
