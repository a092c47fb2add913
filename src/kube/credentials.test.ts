import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { Credentials } from './credentials.ts';

let directory: string;
let now: number;
const clock: Clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'credentials-'));
  now = Date.parse('2026-01-01T00:00:00Z');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A plugin that leaves a line for each run and prints what it is told. */
const plugin = (script: string, more: { cluster?: Record<string, unknown>; installHint?: string } = {}) =>
  new Credentials(
    {
      kind: 'exec',
      plugin: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'sh',
        args: ['-c', `echo run >> ${directory}/runs; ${script}`],
        env: [{ name: 'WHO', value: 'me' }],
        ...more,
      },
    },
    clock,
  );

const printing = (status: object) => `echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`;
const runs = () => readFileSync(join(directory, 'runs'), 'utf8').trim().split('\n').length;

describe('a credential plugin', () => {
  test('runs once for many requests, again before its token expires, and again after a 401', async () => {
    const credentials = plugin(printing({ token: 't', expirationTimestamp: '2026-01-01T00:10:00Z' }));
    const [one, two] = await Promise.all([credentials.current(), credentials.current()]);
    expect(one).toEqual({ headers: { authorization: 'Bearer t' } });
    expect(two).toBe(one);
    now += 589_000;
    await credentials.current();
    expect(runs()).toBe(1);
    now += 2000;
    await credentials.current();
    expect(runs()).toBe(2);
    credentials.invalidate();
    expect(credentials.latest).toBeUndefined();
    await credentials.current();
    expect(runs()).toBe(3);
  });

  test('may issue a client certificate', async () => {
    const credentials = plugin(printing({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    expect(await credentials.current()).toEqual({ headers: {}, cert: 'CERT', key: 'KEY' });
    expect(credentials.latest?.cert).toBe('CERT');
  });

  test('is told its environment and the cluster', async () => {
    const script = `printf '{"status":{"token":"%s"}}' "$WHO $(echo "$KUBERNETES_EXEC_INFO" | tr -d '"')"`;
    const { headers } = await plugin(script, { cluster: { server: 's' } }).current();
    expect(headers['authorization']).toBe(
      'Bearer me {apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,' +
        'spec:{interactive:false,cluster:{server:s}}}',
    );
  });

  test.each([
    { name: 'that fails', script: 'echo no luck >&2; exit 3', message: 'it ended with 3: no luck (get it)' },
    { name: 'that prints no JSON', script: 'echo hello', message: 'its output is not JSON' },
    { name: 'that prints something else', script: "echo '{}'", message: 'its output is no ExecCredential' },
    {
      name: 'that issues nothing',
      script: printing({}),
      message: 'neither status.token nor a client certificate',
    },
  ])('$name is reported with what it said', async ({ script, message }) => {
    await expect(plugin(script, { installHint: 'get it' }).current()).rejects.toMatchObject({
      code: 'PROFFER_CONFIG',
      message: expect.stringContaining(message),
    });
  });
});

describe('a token file', () => {
  test('is read again after a while, and outlives a moment in which it is missing', async () => {
    const file = join(directory, 'token');
    const credentials = new Credentials({ kind: 'tokenFile', path: file }, clock);
    await expect(credentials.current()).rejects.toMatchObject({ code: 'PROFFER_CONFIG' });
    writeFileSync(file, 'one\n');
    expect((await credentials.current()).headers).toEqual({ authorization: 'Bearer one' });
    writeFileSync(file, 'two\n');
    expect((await credentials.current()).headers).toEqual({ authorization: 'Bearer one' });
    now += 30_000;
    expect((await credentials.current()).headers).toEqual({ authorization: 'Bearer two' });
    rmSync(file);
    now += 30_000;
    expect((await credentials.current()).headers).toEqual({ authorization: 'Bearer two' });
  });
});
