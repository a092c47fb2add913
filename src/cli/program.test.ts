import { describe, expect, test } from 'vitest';
import { readOperatorFlags } from './operator.ts';
import { programFor } from './program.ts';
import { proffer } from './run.test-helper.ts';

/** What the command of a command line is given: its words and its flags. */
async function given(line: string, env: Record<string, string> = {}) {
  const nothing = (): void => undefined;
  const program = programFor({ out: nothing, complain: nothing, env, width: 100, terminal: false });
  let found: { words: readonly unknown[]; flags: Record<string, unknown> } | undefined;
  for (const command of program.commands) {
    command.action(() => void (found = { words: command.processedArgs, flags: command.opts() }));
  }
  await program.parseAsync(line.split(' ').filter(Boolean), { from: 'user' });
  return found!;
}

describe('the command line', () => {
  test.each([
    ['', /^Usage: proffer COMMAND/],
    ['--help', /^Usage: proffer COMMAND/],
    ['help', /^Usage: proffer COMMAND/],
    ['version', /^proffer \d+\.\d+\.\d+\n$/],
    ['--version', /^proffer \d+\.\d+\.\d+\n$/],
    ['help roles', /^Usage: proffer roles/],
    ['roles -h', /^Usage: proffer roles/],
  ])('"%s" prints what it asks for', async (line, start) => {
    const { code, out, err } = await proffer(...line.split(' ').filter(Boolean));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(start);
  });

  test('takes flags in every spelling', async () => {
    for (const line of [
      'matrix gsp/games/arena -n ops -o json -w',
      'matrix --namespace=ops -wo json gsp/games/arena',
      'matrix -nops --output json --watch -- gsp/games/arena',
    ]) {
      const { words, flags } = await given(line);
      expect(words, line).toEqual(['gsp/games/arena']);
      expect(flags, line).toMatchObject({ namespace: 'ops', output: 'json', watch: true });
    }
  });

  test('takes -n=NAME for -n NAME, as kubectl does', async () => {
    const { err } = await proffer('roles', '-n=ops', '-o=yaml');
    expect(err).toContain("argument 'yaml' is invalid");
  });

  test('takes many words where the command does, and - for standard input', async () => {
    const { words } = await given('simulate a.yaml - -o json b.yaml');
    expect(words).toEqual([['a.yaml', '-', 'b.yaml']]);
    expect((await given('explain -f a -f - x')).flags['filename']).toEqual(['a', '-']);
  });

  test('fills in what is standard when nothing is given', async () => {
    const { flags } = await given('roles');
    expect(flags).toEqual({ namespace: 'proffer-system', output: 'table', limit: 50 });
  });

  test.each([
    ['matrx', "unknown command 'matrx' (Did you mean matrix?)"],
    ['frobnicate', "unknown command 'frobnicate'"],
    [
      'help rols',
      "command-argument value 'rols' is invalid for argument 'command'. Allowed choices are operator,",
    ],
    ['--frob', "unknown option '--frob'"],
    ['roles --contxt x', "unknown option '--contxt' (Did you mean --context?)"],
    ['offers --node n1', "unknown option '--node'"],
    ['roles --no-watch', "unknown option '--no-watch'"],
    ['roles --output', "option '-o, --output <format>' argument missing"],
    [
      'roles --output=',
      "option '-o, --output <format>' argument '' is invalid. Allowed choices are table, json.",
    ],
    ['roles -o yaml', "option '-o, --output <format>' argument 'yaml' is invalid"],
    [
      'roles --limit -5',
      "option '--limit <rows>' argument '-5' is invalid. It must be a whole number from 1 to",
    ],
    ['roles --watch=yes', "unknown option '--watch=yes'"],
    ['roles extra', "too many arguments for 'roles'. Expected 0 arguments but got 1: extra."],
    ['simulate', "missing required argument 'file'"],
    ['matrix gsp/a/b c', "too many arguments for 'matrix'. Expected 1 argument but got 2"],
    [
      'operator --log-level loud',
      "option '--log-level <level>' argument 'loud' is invalid. Allowed choices are trace,",
    ],
    [
      'completion tcsh',
      "command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.",
    ],
  ])('"%s" is refused with a sentence that names what is wrong', async (line, sentence) => {
    const { code, out, err } = await proffer(...line.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`proffer: ${sentence}`);
    expect(err).toMatch(/^[^\n]+\nSee proffer help[ a-z]*\.\n$/);
  });
});

describe('the flags of the operator', () => {
  const options = async (line: string, env: Record<string, string> = {}) =>
    readOperatorFlags((await given(`operator ${line}`, env)).flags);

  test('have defaults that work', async () => {
    expect(await options('', { POD_NAME: 'proffer-1' })).toEqual({
      namespace: 'proffer-system',
      identity: 'proffer-1',
      health: { host: '0.0.0.0', port: 8081 },
      http: { host: '0.0.0.0', port: 8080 },
      debug: { host: '127.0.0.1', port: 8082 },
      hostPorts: { first: 7000, last: 8000 },
      portRanges: {},
      logLevel: 'info',
      leaseDurationMs: 8000,
      allocationIntervalMs: 1000,
      webhookOrigins: [],
      leaderElect: true,
      standIns: 0,
      connections: 64,
    });
  });

  test('are the ones that the chart passes', async () => {
    const line =
      '--namespace ops --identity proffer-1 --http-address 0.0.0.0:8080 --host-ports 20000-21000 --port-ranges query=27000-27099,rcon=7000-7001 ' +
      '--health-address 0.0.0.0:8081 --debug-address 127.0.0.1:8082 ' +
      '--log-level debug --lease-duration 30 --allocation-interval 0.5';
    expect(await options(line, { POD_NAME: 'other', POD_NAMESPACE: 'other' })).toMatchObject({
      namespace: 'ops',
      identity: 'proffer-1',
      hostPorts: { first: 20_000, last: 21_000 },
      portRanges: { query: { first: 27_000, last: 27_099 }, rcon: { first: 7000, last: 7001 } },
      logLevel: 'debug',
      leaseDurationMs: 30_000,
      allocationIntervalMs: 500,
    });
  });

  test('fall back to the environment, and an empty variable is none', async () => {
    expect(await options('', { POD_NAME: 'p', POD_NAMESPACE: 'games' })).toMatchObject({
      namespace: 'games',
      identity: 'p',
    });
    expect(await options('', { POD_NAME: 'p', POD_NAMESPACE: '' })).toMatchObject({
      namespace: 'proffer-system',
    });
    expect((await options('')).identity).not.toBe('');
  });

  test.each(['127.0.0.1:0', '127.8.0.9:8082', '[::1]:8082', 'localhost:8082'])(
    'take %s for debug pages, which no other host can reach',
    async (address) => {
      const { debug } = await options(`--debug-address ${address}`);
      expect(debug.port).toBe(Number(address.split(':').at(-1)));
    },
  );

  test('read the addresses that pools may have called', async () => {
    const line = '--webhook-origins https://a.example.com,http://10.0.0.7:8000';
    const { webhookOrigins } = await options(line);
    expect(webhookOrigins).toEqual(['https://a.example.com', 'http://10.0.0.7:8000']);
  });

  test('read addresses of both families and --no-leader-elect', async () => {
    expect((await options('--http-address [::]:0')).http).toEqual({ host: '::', port: 0 });
    expect((await options('--http-address :9000')).http).toEqual({ host: '0.0.0.0', port: 9000 });
    expect((await options('--no-leader-elect')).leaderElect).toBe(false);
    expect(await options('--kubeconfig k --context c')).toMatchObject({ kubeconfig: 'k', context: 'c' });
  });

  test.each([
    [
      '--host-ports 7000',
      /^--host-ports must be FIRST-LAST with 1 <= FIRST <= LAST <= 65535, such as 7000-8000$/,
    ],
    ['--host-ports 9000-8000', /^--host-ports must be FIRST-LAST/],
    ['--port-ranges query', /^--port-ranges must be NAME=FIRST-LAST/],
    ['--port-ranges default=1-2', /^--port-ranges must be NAME=FIRST-LAST.* none of them default/],
    ['--port-ranges a=1-2,a=3-4', /^--port-ranges must be NAME=FIRST-LAST.* each name once/],
    ['--host-ports 0-10', /^--host-ports must be FIRST-LAST/],
    ['--host-ports 7000-65536', /^--host-ports must be FIRST-LAST/],
    ...['a.example.com', 'https://a.example.com/path', 'ftp://a.example.com', 'https://a@b.example.com'].map(
      (origin): [string, RegExp] => [
        `--webhook-origins https://b.example.com,${origin}`,
        /^--webhook-origins must be addresses such as https:\/\/scaler\.example\.com/,
      ],
    ),
    ['--http-address 8080', /^--http-address must be HOST:PORT/],
    ['--debug-address 8082', /^--debug-address must be HOST:PORT[^;]*$/],
    ...['0.0.0.0:8082', ':8082', '[::]:8082', '10.0.0.7:8082', 'localhost.example.com:8082'].map(
      (open): [string, RegExp] => [
        `--debug-address ${open}`,
        /^--debug-address must be an address of this host alone .*kubectl port-forward$/,
      ],
    ),
    ['--http-address a:99999', /^--http-address must be HOST:PORT/],
    ['--lease-duration 1', /^--lease-duration must be at least 3 \(seconds\)$/],
    ['--lease-duration 3.5', /^--lease-duration must be whole seconds$/],
    ['--lease-duration soon', /^--lease-duration must be a number of seconds from 3 to 3600$/],
    ['--allocation-interval 0', /^--allocation-interval must be at least 0\.05 \(seconds\)$/],
    ['--connections 0', /^--connections must be at least 1$/],
    ['--connections 1.5', /^--connections must be a whole number$/],
    [
      '--connections many --lease-duration 1',
      /^--lease-duration must be at least 3 \(seconds\); --connections must be a number from 1 to 1000$/,
    ],
  ])('%s is refused by the name of the flag', async (line, sentence) => {
    await expect(options(line)).rejects.toThrow(sentence);
    await expect(options(line)).rejects.toThrow(expect.objectContaining({ code: 'PROFFER_USAGE' }) as Error);
  });
});
