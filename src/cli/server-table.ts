import type { ServerFacts } from '../dump/index.ts';
import { elapsed } from '../lib/figures.ts';
import { tableLines } from '../lib/table.ts';

/** Which servers, and when. */
interface View {
  /** Name of the one pool; undefined for all. */
  readonly pool: string | undefined;
  /** The one namespace; undefined for all, which a column then tells. */
  readonly namespace: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** Whatever the annotation is, it stays in its line. */
const portsInWords = (ports: string): string => ports.replaceAll('=', ':').replaceAll(/\s+/g, ' ');

/** Game servers for people, with all that a player needs to connect. */
export function serverTable(all: readonly ServerFacts[], { pool, namespace, now }: View): string {
  const servers = all.filter(
    (server) => (pool ?? server.pool) === server.pool && (namespace ?? server.namespace) === server.namespace,
  );
  if (servers.length === 0) {
    const whose = pool === undefined ? '' : ` of pool ${pool}`;
    return `There are no game servers${whose} in ${namespace === undefined ? 'any namespace' : `namespace ${namespace}`}.\n`;
  }
  const rows = servers.map((server) => [
    server.namespace,
    server.name,
    server.pool,
    server.state,
    server.node || '-',
    server.address || '-',
    portsInWords(server.ports) || '-',
    server.createdAt > 0 ? elapsed(now - server.createdAt) : '-',
  ]);
  const titles = ['NAMESPACE', 'NAME', 'POOL', 'STATE', 'NODE', 'ADDRESS', 'PORTS', 'AGE'];
  const shown = <T>(cells: readonly T[]): readonly T[] => (namespace === undefined ? cells : cells.slice(1));
  return `${tableLines(shown(titles), rows.map(shown)).join('\n')}\n`;
}
