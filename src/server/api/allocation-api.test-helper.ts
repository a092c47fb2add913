import { afterEach } from 'vitest';
import type { SessionAnswer } from '../../api/allocation.ts';
import { ManualClock } from '../../lib/manual-clock.test-helper.ts';
import { serveAllocation, type AllocationApi, type AllocationApiOptions } from './allocation-api.ts';
import type { CounterCalls, Desk } from './calls.ts';

/** What the desk answers. */
export const SESSION: SessionAnswer = {
  namespace: 'games',
  session: 's',
  state: 'Allocated',
  isNew: true,
  server: 'arena-0',
  pool: 'arena',
  node: 'n1',
  address: '203.0.113.7',
  addresses: [],
  ports: [{ name: 'game', port: 7000, protocol: 'UDP' }],
  services: [],
  counters: {},
  clipped: [],
  annotations: {},
};
/** A desk that gives everybody the same server. */
export const DESK: Desk = {
  allocate: async () => SESSION,
  reserve: async () => ({ ...SESSION, state: 'Reserved' }),
  begin: async () => SESSION,
  release: async () => ({ released: true }),
  session: async () => SESSION,
};
const COUNTERS: CounterCalls = { put: async () => {} };
/** A user of that name. */
export const user = (name: string, extra: Record<string, string[]> = {}) => ({
  name,
  uid: '',
  groups: [],
  extra,
});
/** Tokens that begin with `pod-` are bound to the Pod of that name; `unbound` is the like without one. */
const bound = (token: string) => {
  const pod = {
    'authentication.kubernetes.io/pod-name': [token],
    'authentication.kubernetes.io/pod-uid': [`uid of ${token}`],
  };
  if (token === 'unbound') return user('system:serviceaccount:games:servers');
  return token.startsWith('pod-') ? user('system:serviceaccount:games:servers', pod) : undefined;
};

let running: AllocationApi[] = [];
afterEach(async () => {
  await Promise.all(running.map((api) => api.close()));
  running = [];
});

/** Serves the API, until the test ends, to callers whose token is their name. */
export async function start(more: Partial<AllocationApiOptions> = {}) {
  const calls: string[] = [];
  const faults: string[] = [];
  const silent = () => {};
  const api = await serveAllocation({
    address: { host: '127.0.0.1', port: 0 },
    advertise: '127.0.0.1',
    callsPerSecond: 1000,
    desk: DESK,
    counters: COUNTERS,
    reviews: {
      user: async (token, audience) => {
        if (audience !== undefined) return audience === 'proffer.dev' ? bound(token) : undefined;
        return token === 'nobody' || bound(token) ? undefined : user(token);
      },
      may: async ({ name }, { verb, namespace }) =>
        name === 'maker' || `${name} ${verb} ${namespace}` === 'reader get games',
    },
    leads: () => true,
    leader: () => '',
    clock: new ManualClock(0),
    log: { debug: silent, info: silent, warn: silent, error: (_, message) => faults.push(message) },
    onCall: ({ call, status }) => calls.push(`${call} ${status}`),
    ...more,
  });
  running.push(api);
  const call = async (path: string, body?: unknown, token: string | null = 'maker', method = 'POST') => {
    const answer = await fetch(`${api.url}${path}`, {
      method: body === undefined ? 'GET' : method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = answer.headers.get('content-type');
    return {
      status: answer.status,
      headers: answer.headers,
      type,
      body: (await answer.json()) as Record<string, unknown>,
    };
  };
  return { api, call, calls, faults };
}

/** The least that a call says. */
export const WISH = { namespace: 'games', session: 's' };
