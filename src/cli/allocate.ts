import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ReleaseAnswer, SessionAnswer } from '../api/allocation.ts';
import { tableLines } from '../lib/table.ts';
import { addCommand } from './add-command.ts';
import type { CallOptions } from './allocation-call.ts';
import { clusterFlags, DEFAULT_NAMESPACE, manyTimes, outputFlag } from './flags.ts';
import type { Io } from './io.ts';

interface AllocateOptions extends CallOptions {
  readonly pool?: readonly string[];
  readonly wait: number;
  readonly output: 'table' | 'json';
}

interface ReleaseOptions extends CallOptions {
  readonly drain?: true;
}

const callFlags = (): readonly Option[] => [
  new Option('-n, --namespace <namespace>', 'Namespace of the pools (default: that of the context)'),
  new Option(
    '--account <name>',
    'ServiceAccount of that namespace to call as; it takes the right to create a token of it',
  ).default('matchmaker'),
  new Option('--operator-namespace <namespace>', 'Namespace that the operator runs in').default(
    DEFAULT_NAMESPACE,
  ),
  new Option(
    '--url <url>',
    'Call the API at this address instead of through a port that kubectl forwards to the leader',
  ),
  ...clusterFlags(),
];

const waitFlag = (): Option =>
  new Option('--wait <seconds>', 'How long to wait for a server when none is free')
    .default(0)
    .argParser((text) => {
      const seconds = Number(text);
      if (/^\d+$/.test(text) && seconds <= 60) return seconds;
      throw new InvalidArgumentError('It must be a whole number from 0 to 60.');
    });

/** A session and its server, for people. */
function sessionTable({ session, server, state, address, ports }: SessionAnswer): string {
  const told = ports.map(({ name, port, protocol }) => `${name}:${port}/${protocol}`).join(',');
  const row = [session, server, state, address || '-', told || '-'];
  return `${tableLines(['SESSION', 'SERVER', 'STATE', 'ADDRESS', 'PORTS'], [row]).join('\n')}\n`;
}

export function addAllocate(program: Command, io: Io): void {
  addCommand(program, {
    name: 'allocate',
    summary: 'Give a session a game server',
    details:
      'Asks the allocation API for a server, as a matchmaker does, and prints where players connect to. The same session ' +
      'gets the same server. It is made as a ServiceAccount that may create gameserverpools/allocate.',
    flags: [
      manyTimes('--pool <name>', 'Take a server of this pool; give it again for the next choice'),
      waitFlag(),
      outputFlag('How to print: as a table, or as JSON as the API answers'),
      ...callFlags(),
    ],
    examples: [
      'proffer allocate match-1867 --pool arena',
      'kubectl proffer allocate match-1867 -n games --wait 30',
    ],
  })
    .argument('<session>', 'Id of the session')
    .action(async (session: string, { pool = [], wait, output, ...options }: AllocateOptions) => {
      const { callAllocation } = await import('./allocation-call.ts');
      const selectors = pool.map((name) => ({ pool: name }));
      const wish = { session, waitSeconds: wait, ...(selectors.length > 0 ? { selectors } : {}) };
      const answer = await callAllocation<SessionAnswer>('allocate', wish, options, io.env);
      io.out(output === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : sessionTable(answer));
    });
}

export function addRelease(program: Command, io: Io): void {
  addCommand(program, {
    name: 'release',
    summary: 'Take the game server of a session back',
    details: 'The server is free for the next session; with --drain its pool replaces it.',
    flags: [new Option('--drain', 'Have the server replaced'), ...callFlags()],
    examples: ['proffer release match-1867', 'kubectl proffer release match-1867 -n games --drain'],
  })
    .argument('<session>', 'Id of the session')
    .action(async (session: string, { drain, ...options }: ReleaseOptions) => {
      const { callAllocation } = await import('./allocation-call.ts');
      const wish = { session, next: drain ? 'Drain' : 'Ready' };
      const { released } = await callAllocation<ReleaseAnswer>('release', wish, options, io.env);
      io.out(released ? `session ${session} is released\n` : `session ${session} has no server\n`);
    });
}
