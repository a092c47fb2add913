import type { Invalid } from './invalid.ts';
import { pool, type Manifest } from './manifests.ts';

const game = { name: 'game', containerPort: 8303 };

const badQuery = (why: string, query: Manifest, ...says: readonly string[]): Invalid => ({
  why: `query ${why}`,
  manifest: pool({ ports: [game], health: { query: { protocol: 'A2S', port: 'game', ...query } } }),
  says,
});

/** Queries of servers that the API server must refuse. */
export const queries: readonly Invalid[] = [
  badQuery('of a port that is not there', { port: 'rcon' }, 'spec.health', 'name one of spec.ports'),
  badQuery(
    'by TCP of a port for UDP',
    { protocol: 'TCP', expect: 'hi' },
    'spec.health',
    'it has another protocol',
  ),
  badQuery('with bytes of its own for A2S', { send: 'ping' }, 'spec.health.query', 'send and expect are for'),
  badQuery('by UDP that says nothing', { protocol: 'UDP' }, 'spec.health.query', 'give send'),
  badQuery('by TCP that expects nothing', { protocol: 'TCP' }, 'spec.health.query', 'give expect'),
  badQuery(
    'with a backslash too many',
    { protocol: 'UDP', send: '\\q' },
    'spec.health.query.send',
    'write \\\\ for a backslash',
  ),
  badQuery(
    'that takes longer than its period',
    { timeoutSeconds: 11 },
    'spec.health.query',
    'must not be longer',
  ),
  badQuery('that ends by one bad observation', { failureThreshold: 1 }, 'spec.health.query.failureThreshold'),
];
