import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { poolAutoscale } from '../../../api/pool/autoscale.ts';
import { parseTime } from '../../../lib/time.ts';
import { decide, type Decision } from './decide.ts';
import { COMING, type Server } from './server.ts';

const NOW = parseTime('2026-12-04T12:00:00Z');
/** Steps after which a pool under constant load must have come to rest. */
const STEPS = 60;

const anyServer: fc.Arbitrary<Server> = fc
  .record({
    session: fc.constantFrom('', '', 'Allocated', 'Reserved'),
    ready: fc.boolean(),
    withheld: fc.boolean(),
    counters: fc.oneof(
      fc.constant({}),
      fc
        .record({ count: fc.nat(12), capacity: fc.constantFrom(undefined, 4, 10, 16) })
        .map((players) => ({ players })),
    ),
  })
  .map((server) => ({ ...server, held: server.session !== '' }));

const anyServers = fc.array(anyServer, { maxLength: 14 });

const part = fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined });
const anyPolicy = fc.oneof(
  fc.record({ servers: fc.integer({ min: 1, max: 6 }), percent: part }).map((buffer) => ({ buffer })),
  fc
    .record({ name: fc.constant('players'), free: fc.integer({ min: 1, max: 40 }), percent: part })
    .map((counter) => ({ counter })),
);

const decided = (fields: object, servers: readonly Server[], replicas = servers.length): Decision =>
  decide(poolAutoscale.parse({ maxReplicas: 500, stabilizationSeconds: 0, ...fields }), {
    replicas,
    servers,
    template: {},
    answers: new Map(),
    lately: [],
    now: NOW,
  });

/** What becomes of the servers of a pool when it is scaled: the first that may go do so, and new ones get ready. */
function scaledTo(desired: number, servers: readonly Server[], born: Server): Server[] {
  const missing = Math.max(0, desired - servers.length);
  let surplus = Math.max(0, servers.length - desired);
  const left = servers.filter(({ held, withheld }) => held || withheld || surplus-- <= 0);
  return [...left, ...Array<Server>(missing).fill(born)];
}

const isFree = ({ ready, held, withheld }: Server) => ready && !held && !withheld;

test('the number is within its bounds, whatever there is', () => {
  fc.assert(
    fc.property(
      anyPolicy,
      anyServers,
      fc.nat(30),
      fc.nat(20),
      fc.nat(20),
      (policy, servers, replicas, least, more) => {
        const fields = { ...policy, minReplicas: least, maxReplicas: least + more };
        const { desired } = decided(fields, servers, replicas);
        expect(desired).toBeGreaterThanOrEqual(least);
        expect(desired).toBeLessThanOrEqual(least + more);
      },
    ),
  );
});

test('under constant load a pool comes to rest, and stays', () => {
  fc.assert(
    fc.property(anyPolicy, anyServers, fc.constantFrom(4, 10, 16), (policy, start, capacity) => {
      const born = { ...COMING, ready: true, counters: { players: { count: 0, capacity } } };
      let servers = start;
      for (let step = 0; step < STEPS; step++) {
        const { desired } = decided(policy, servers);
        if (desired === servers.length) return;
        servers = scaledTo(desired, servers, born);
      }
      expect.fail(`still ${servers.length} servers, and wants ${decided(policy, servers).desired}`);
    }),
    { numRuns: 500 },
  );
});

test('shrinking never takes the free servers below the buffer, nor below what there is of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), anyServers, (buffer, servers) => {
      const { desired } = decided({ buffer: { servers: buffer } }, servers);
      const left = scaledTo(desired, servers, COMING).filter(isFree).length;
      expect(left).toBeGreaterThanOrEqual(Math.min(buffer, servers.filter(isFree).length));
    }),
    { numRuns: 500 },
  );
});

test('one more session never asks for fewer servers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), part, anyServers, (count, percent, servers) => {
      const buffer = { servers: count, percent };
      const free = servers.findIndex(isFree);
      if (free < 0) return;
      const more = servers.with(free, { ...servers[free]!, held: true, session: 'Allocated' });
      // Asked for few, so that what must be left decides nothing.
      expect(decided({ buffer }, more, 0).desired).toBeGreaterThanOrEqual(
        decided({ buffer }, servers, 0).desired,
      );
    }),
  );
});
