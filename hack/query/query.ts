import { parseArgs } from 'node:util';
import { QueryError, type QueryErrorCode } from './errors.ts';
import { queryOpenArena } from './openarena.ts';
import { queryTeeworlds } from './teeworlds.ts';

const GAMES = { teeworlds: queryTeeworlds, openarena: queryOpenArena } as const;

const USAGE = `usage: node hack/query/query.ts GAME HOST:PORT [--timeout MS] [--json]
Asks a game server what it is, in the game's own protocol. GAME: ${Object.keys(GAMES).join(', ')}.
Exit status: 0 answered, 1 wrong protocol, 2 wrong usage, 3 dead (refused), 4 wedged (timeout), 5 unreachable.`;

const STATUS: Readonly<Record<QueryErrorCode, number>> = {
  malformed: 1,
  refused: 3,
  timeout: 4,
  unreachable: 5,
};

interface Question {
  readonly game: keyof typeof GAMES;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** The question on the command line; a string says what is wrong with it. */
function readArgs(args: string[]): Question | string {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { timeout: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
  });
  const [game = '', address = '', ...rest] = positionals;
  if (rest.length > 0) return `what is ${rest.join(' ')}?`;
  if (game !== 'teeworlds' && game !== 'openarena')
    return `GAME must be one of ${Object.keys(GAMES).join(', ')}`;
  const [, host = '', digits = ''] = /^\[?([^\]]+)\]?:(\d+)$/u.exec(address) ?? [];
  const port = Number(digits);
  if (host === '' || port < 1 || port > 65_535)
    return `HOST:PORT must look like 10.0.0.7:8303, not "${address}"`;
  const timeoutMs = Number(values.timeout);
  if (!(timeoutMs >= 1)) return `--timeout must be a number of milliseconds, not "${values.timeout}"`;
  return { game, host, port, timeoutMs, json: values.json };
}

async function main(args: string[]): Promise<number> {
  let question: Question | string;
  try {
    question = readArgs(args);
  } catch (error) {
    question = (error as Error).message;
  }
  if (typeof question === 'string') {
    console.error(`${question}\n${USAGE}`);
    return 2;
  }
  const { game, host, port, timeoutMs, json } = question;
  try {
    const info = await GAMES[game](host, port, { timeoutMs });
    const line = `${info.name}: map ${info.map}, ${info.gameType}, ${info.players}/${info.maxPlayers} players, version ${info.version}`;
    console.log(json ? JSON.stringify(info) : line);
    return 0;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    return STATUS[error.code];
  }
}

process.exitCode = await main(process.argv.slice(2));
