import type { ServerFacts } from '../dump/index.ts';
import { elapsed } from '../lib/figures.ts';
import { tableLines } from '../lib/table.ts';

/** Which servers, when, and how much of them. */
export interface View {
  /** Name of the one pool; undefined for all. */
  readonly pool: string | undefined;
  /** The one namespace; undefined for all, which a column then tells. */
  readonly namespace: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
  /** With all their ports, addresses and counters. */
  readonly wide: boolean;
}

/** Those of a pool and a namespace. */
export const serversOf = (
  all: readonly ServerFacts[],
  { pool, namespace }: Pick<View, 'pool' | 'namespace'>,
): ServerFacts[] =>
  all.filter(
    (server) => (pool ?? server.pool) === server.pool && (namespace ?? server.namespace) === server.namespace,
  );

/** Whatever an annotation is, it stays in its line. */
const inOneLine = (list: string): string => list.replaceAll(/\s+/g, ' ');

/** Its state, what brought it there, and that somebody holds it where the state does not say so. */
function stateInWords({ state, cause, hold }: ServerFacts): string {
  const says = state === 'Allocated' || state === 'Reserved';
  return [state, cause, says ? '' : hold].filter((word) => word !== '').join(',');
}

/** What a player connects to: the first port of its Service, else of its node. */
function endpoint({ address, ports, service }: ServerFacts): string {
  const served = /^[^=,]*=([^\s,]+)\//.exec(service)?.[1];
  if (served !== undefined) return served;
  const port = /^[^=,]*=(\d+)\//.exec(ports)?.[1];
  if (address === '' || port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The first session, and how many others there are. */
function sessionsInWords({ session }: ServerFacts): string {
  const [first = '', ...others] = session.split(',');
  return others.length === 0 ? first : `${first} +${others.length}`;
}

const countersInWords = ({ counters }: ServerFacts): string =>
  Object.entries(counters)
    .map(([name, { count, capacity }]) => `${name}:${count}${capacity === undefined ? '' : `/${capacity}`}`)
    .join(',');

/** Game servers for people, with all that a player needs to connect. */
export function serverTable(all: readonly ServerFacts[], view: View): string {
  const { pool, namespace, now, wide } = view;
  const servers = serversOf(all, view);
  if (servers.length === 0) {
    const whose = pool === undefined ? '' : ` of pool ${pool}`;
    return `There are no game servers${whose} in ${namespace === undefined ? 'any namespace' : `namespace ${namespace}`}.\n`;
  }
  const columns: readonly (readonly [title: string, cell: (server: ServerFacts) => string])[] = [
    ...(namespace === undefined ? [['NAMESPACE', (server: ServerFacts) => server.namespace] as const] : []),
    ['NAME', ({ name }) => name],
    ['POOL', (server) => server.pool],
    ['STATE', stateInWords],
    ['ADDRESS', endpoint],
    ['PLAYERS', ({ players }) => players],
    ['SESSION', wide ? ({ session }) => session : sessionsInWords],
    ['NODE', ({ node }) => node],
    ['REVISION', ({ revision }) => revision],
    ['AGE', ({ createdAt }) => (createdAt > 0 ? elapsed(now - createdAt) : '')],
    ...(wide
      ? ([
          ['PORTS', ({ ports }) => inOneLine(ports.replaceAll('=', ':'))],
          ['SERVICE', ({ service }) => inOneLine(service)],
          ['ADDRESSES', ({ addresses }) => inOneLine(addresses)],
          ['COUNTERS', countersInWords],
        ] as const satisfies readonly (readonly [string, (server: ServerFacts) => string])[])
      : []),
  ];
  const rows = servers.map((server) => columns.map(([, cell]) => cell(server) || '-'));
  const titles = columns.map(([title]) => title);
  return `${tableLines(titles, rows).join('\n')}\n`;
}
