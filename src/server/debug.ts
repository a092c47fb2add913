import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Inspect } from './inspect.ts';
import { NotInSnapshot } from './views/limit.ts';
import { matricesView } from './views/matrices.ts';
import { offersView } from './views/offers.ts';
import { rolesView } from './views/roles.ts';

/** An answer before it is sent. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** When the cycle that a view shows began, and how long it took. */
export interface CycleStamp {
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  readonly durationMs: number;
}

/** Body of every failed answer; `message` is where a client of the API server's proxy looks. */
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

/** True for the paths that debugPage serves. */
export const isDebugPath = (path: string): boolean => Object.hasOwn(PARAMETERS, path);

const json = (status: number, body: object): Page => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(body)}\n`,
});

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

/** Answers /debug/matrices, /debug/offers and /debug/roles out of the last cycle. */
export async function debugPage(url: URL, inspect: Inspect): Promise<Page> {
  // What this replica saw when it led is not how things stand now.
  if (!inspect.leader())
    return json(503, { message: 'this replica does not lead: ask the leader' } satisfies Problem);
  try {
    const body = await view(url, inspect);
    return body
      ? json(200, body)
      : json(503, { message: 'no cycle has run yet: ask again in a moment' } satisfies Problem);
  } catch (error) {
    if (error instanceof BadQuery) return json(400, { message: error.message } satisfies Problem);
    if (error instanceof NotInSnapshot) return json(404, { message: error.message } satisfies Problem);
    throw error;
  }
}
