import { describe, expect, test } from 'vitest';
import { parseCommandLine } from './args.ts';
import { COMMANDS } from './commands.ts';
import { readOperatorFlags } from './operator.ts';
import { UsageError } from './usage-error.ts';

const parse = (line: string, env: Record<string, string> = {}) =>
  parseCommandLine(line.split(' ').filter(Boolean), COMMANDS, env);

const run = (line: string, env: Record<string, string> = {}) => {
  const request = parse(line, env);
  if (request.kind !== 'run') throw new Error(`${line} does not run a command`);
  return request;
};

describe('the command line', () => {
  test.each([
    ['', { kind: 'help', command: undefined }],
    ['--help', { kind: 'help', command: undefined }],
    ['help', { kind: 'help', command: undefined }],
    ['version', { kind: 'version' }],
    ['--version', { kind: 'version' }],
    ['help roles', { kind: 'help', command: { name: 'roles' } }],
    ['roles -h', { kind: 'help', command: { name: 'roles' } }],
    ['--help roles', { kind: 'help', command: { name: 'roles' } }],
  ])('"%s" asks for what it says', (line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });

  test('takes flags before and after the command, in every spelling', () => {
    for (const line of [
      'matrix gsp/games/arena -n ops -o json -w',
      '-n ops -o json -w matrix gsp/games/arena',
      'matrix --namespace=ops -wo json gsp/games/arena',
      'matrix -n=ops -o=json -w gsp/games/arena',
      'matrix -nops --output json --watch -- gsp/games/arena',
    ]) {
      const { command, given } = run(line);
      expect(command.name).toBe('matrix');
      expect(given.argument, line).toBe('gsp/games/arena');
      expect([given.text('namespace'), given.text('output'), given.on('watch')], line).toEqual([
        'ops',
        'json',
        true,
      ]);
    }
  });

  test('takes many words where the command does, and - for standard input', () => {
    expect(run('simulate a.yaml - -o json b.yaml').given.arguments).toEqual(['a.yaml', '-', 'b.yaml']);
  });

  test('fills in what the table says when nothing is given', () => {
    const { given } = run('roles');
    expect([given.text('namespace'), given.text('output'), given.text('limit')]).toEqual([
      'proffer-system',
      'table',
      '50',
    ]);
    expect([given.text('kubeconfig'), given.text('url'), given.on('watch')]).toEqual([
      undefined,
      undefined,
      false,
    ]);
  });

  test.each([
    [
      'matrx',
      'there is no command "matrx": did you mean matrix? (commands: operator, explain, replay, matrix, offers, roles, simulate, version, help)',
    ],
    [
      'frobnicate',
      'there is no command "frobnicate" (commands: operator, explain, replay, matrix, offers, roles, simulate, version, help)',
    ],
    [
      'help rols',
      'there is no command "rols": did you mean roles? (commands: operator, explain, replay, matrix, offers, roles, simulate, version, help)',
    ],
    ['--frob', 'proffer has no flag --frob (flags: --help, --version)'],
    ['-q', 'proffer has no flag -q (flags: --help, --version)'],
    [
      'roles --contxt x',
      'proffer roles has no flag --contxt: did you mean --context? ' +
        '(flags: --output, --limit, --watch, --kubeconfig, --context, --namespace, --url, --help)',
    ],
    [
      'offers --node n1',
      'proffer offers has no flag --node ' +
        '(flags: --output, --limit, --watch, --kubeconfig, --context, --namespace, --url, --help)',
    ],
    ['roles --kubeconfig --watch', '--kubeconfig needs a value: --kubeconfig FILE'],
    ['roles --no-watch', expect.stringContaining('has no flag --no-watch: did you mean --watch?')],
    ['roles --output', '--output needs a value: --output FORMAT'],
    ['roles --output=', '--output needs a value: --output FORMAT'],
    ['roles -n=', '-n needs a value: --namespace NAMESPACE'],
    ['roles --limit -5', '--limit needs a value: --limit ROWS'],
    ['roles -o yaml', '-o must be table or json, not "yaml"'],
    ['roles --watch=yes', '--watch takes no value: it is a switch'],
    ['roles -n a -n b', '-n is given twice'],
    ['roles extra', 'proffer roles takes no arguments, and "extra" is one too many'],
    [
      'simulate',
      'proffer simulate needs a FILE: a scenario in YAML or JSON, or - for standard input; with several, each is run on its own.',
    ],
    ['matrix a b', 'proffer matrix takes at most one WORKLOAD, and "b" is one too many'],
    [
      'operator --log-level loud',
      '--log-level must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
    ],
  ])('"%s" is refused with a sentence that says what is allowed', (line, sentence) => {
    const refused = () => parse(line);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(expect.objectContaining({ message: sentence }) as Error);
  });
});

describe('the flags of the operator', () => {
  const options = (line: string, env: Record<string, string> = {}) =>
    readOperatorFlags(run(`operator ${line}`, env).given);

  test('have defaults that work', () => {
    expect(options('', { POD_NAME: 'proffer-1' })).toEqual({
      namespace: 'proffer-system',
      identity: 'proffer-1',
      health: { host: '0.0.0.0', port: 8081 },
      http: { host: '0.0.0.0', port: 8080 },
      debug: { host: '127.0.0.1', port: 8082 },
      hostPorts: { first: 7000, last: 8000 },
      logLevel: 'info',
      leaseDurationMs: 8000,
      allocationIntervalMs: 1000,
      leaderElect: true,
      connections: 64,
    });
  });

  test('are the ones that the chart passes', () => {
    const line =
      '--namespace ops --identity proffer-1 --http-address 0.0.0.0:8080 --host-ports 20000-21000 ' +
      '--health-address 0.0.0.0:8081 --debug-address 127.0.0.1:8082 ' +
      '--log-level debug --lease-duration 30 --allocation-interval 0.5';
    expect(options(line, { POD_NAME: 'other', POD_NAMESPACE: 'other' })).toMatchObject({
      namespace: 'ops',
      identity: 'proffer-1',
      hostPorts: { first: 20_000, last: 21_000 },
      logLevel: 'debug',
      leaseDurationMs: 30_000,
      allocationIntervalMs: 500,
    });
  });

  test('fall back to the environment, and an empty variable is none', () => {
    expect(options('', { POD_NAME: 'p', POD_NAMESPACE: 'games' })).toMatchObject({
      namespace: 'games',
      identity: 'p',
    });
    expect(options('', { POD_NAME: 'p', POD_NAMESPACE: '' })).toMatchObject({ namespace: 'proffer-system' });
    expect(options('').identity).not.toBe('');
  });

  test.each(['127.0.0.1:0', '127.8.0.9:8082', '[::1]:8082', 'localhost:8082'])(
    'take %s for debug pages, which no other host can reach',
    (address) => {
      expect(options(`--debug-address ${address}`).debug.port).toBe(Number(address.split(':').at(-1)));
    },
  );

  test('read addresses of both families and --no-leader-elect', () => {
    expect(options('--http-address [::]:0').http).toEqual({ host: '::', port: 0 });
    expect(options('--http-address :9000').http).toEqual({ host: '0.0.0.0', port: 9000 });
    expect(options('--no-leader-elect').leaderElect).toBe(false);
    expect(options('--kubeconfig k --context c')).toMatchObject({ kubeconfig: 'k', context: 'c' });
  });

  test.each([
    [
      '--host-ports 7000',
      '--host-ports must be FIRST-LAST with 1 <= FIRST <= LAST <= 65535, such as 7000-8000',
    ],
    ['--host-ports 9000-8000', expect.stringMatching(/^--host-ports must be FIRST-LAST/)],
    ['--host-ports 0-10', expect.stringMatching(/^--host-ports must be FIRST-LAST/)],
    ['--host-ports 7000-65536', expect.stringMatching(/^--host-ports must be FIRST-LAST/)],
    ['--http-address 8080', expect.stringMatching(/^--http-address must be HOST:PORT/)],
    ['--debug-address 8082', expect.stringMatching(/^--debug-address must be HOST:PORT[^;]*$/)],
    ...['0.0.0.0:8082', ':8082', '[::]:8082', '10.0.0.7:8082', 'localhost.example.com:8082'].map(
      (open): [string, unknown] => [
        `--debug-address ${open}`,
        expect.stringMatching(
          /^--debug-address must be an address of this host alone .*kubectl port-forward$/,
        ),
      ],
    ),
    ['--http-address a:99999', expect.stringMatching(/^--http-address must be HOST:PORT/)],
    ['--lease-duration 1', '--lease-duration must be at least 3 (seconds)'],
    ['--lease-duration 3.5', '--lease-duration must be whole seconds'],
    ['--lease-duration soon', '--lease-duration must be a number of seconds from 3 to 3600'],
    ['--allocation-interval 0', '--allocation-interval must be at least 0.05 (seconds)'],
    ['--connections 0', '--connections must be at least 1'],
    ['--connections 1.5', '--connections must be a whole number'],
    [
      '--connections many --lease-duration 1',
      '--lease-duration must be at least 3 (seconds); --connections must be a number from 1 to 1000',
    ],
  ])('%s is refused by the name of the flag', (line, sentence) => {
    const refused = () => options(line);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(expect.objectContaining({ message: sentence }) as Error);
  });
});
