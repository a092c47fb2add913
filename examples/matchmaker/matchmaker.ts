/**
 * A match maker of one page. Players queue by POST /join?player=NAME, which is answered with the address of a server as soon as enough of
 * them are there; POST /end?match=ID gives the server back, and GET /matches shows what goes on. Its state is worth nothing: when it
 * dies, players queue again, and servers whose players never came are free again after a while.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { AllocationClient, type Session } from '../../clients/typescript/src/client.ts';

const { env } = process;
const PLAYERS_PER_MATCH = Number(env['PLAYERS_PER_MATCH'] ?? 2);
const client = new AllocationClient({
  url: env['ALLOCATION_URL'] ?? '',
  namespace: env['NAMESPACE'] ?? 'default',
});

interface Player {
  readonly name: string;
  readonly response: ServerResponse;
}

const queue: Player[] = [];
const matches = new Map<
  string,
  { readonly players: string[]; readonly at: string; readonly server: string }
>();

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
};

const addressOf = ({ address, ports }: Session): string => `${address}:${ports[0]?.port}`;

/** Gives a group a server, or sends it away. */
async function play(group: readonly Player[]): Promise<void> {
  const match = `match-${randomUUID()}`;
  const players = group.map(({ name }) => name);
  try {
    const session = await client.allocate({
      session: match,
      selectors: [{ pool: env['POOL'] ?? 'arena' }],
      annotations: { 'example.com/players': players.join(',') },
      waitSeconds: 30,
      beginSeconds: 300,
      sessionSeconds: 3600,
    });
    const at = addressOf(session);
    matches.set(match, { players, at, server: session.server });
    for (const { response } of group) answer(response, 200, { match, at, players });
  } catch (error) {
    for (const { response } of group) answer(response, 503, { detail: String(error) });
  }
}

function join(name: string, response: ServerResponse): void {
  const player = { name, response };
  queue.push(player);
  // Who hangs up is matched with nobody.
  response.once('close', () => queue.includes(player) && queue.splice(queue.indexOf(player), 1));
  if (queue.length >= PLAYERS_PER_MATCH) void play(queue.splice(0, PLAYERS_PER_MATCH));
}

async function end(match: string, response: ServerResponse): Promise<void> {
  try {
    const released = await client.release({ session: match });
    matches.delete(match);
    answer(response, 200, { released });
  } catch (error) {
    answer(response, 503, { detail: String(error) });
  }
}

const server = createServer((request, response) => {
  const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://matchmaker');
  const [player, match] = [query.get('player'), query.get('match')];
  if (request.method === 'POST' && pathname === '/join' && player) join(player, response);
  else if (request.method === 'POST' && pathname === '/end' && match) void end(match, response);
  else if (pathname === '/matches') answer(response, 200, Object.fromEntries(matches));
  else answer(response, 404, { detail: 'POST /join?player=NAME, POST /end?match=ID, GET /matches' });
});
server.listen(8080, () => console.log('players queue on port 8080'));
process.once('SIGTERM', () => server.close(() => process.exit(0)).closeAllConnections());
