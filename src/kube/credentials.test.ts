import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { loadAccess } from './access.ts';
import { Credentials } from './credentials.ts';

let directory: string;
let now: number;
let sleeping: (ms: number) => Promise<void>;
const clock: Clock = { now: () => now, monotonic: () => now, sleep: (ms) => sleeping(ms) };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'credentials-'));
  now = 0;
  sleeping = () => new Promise(() => {});
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What a kubeconfig with this user is let in with. */
const credentialsOf = (user: object): Credentials => {
  const kubeconfig = join(directory, 'config');
  const cluster = { server: 'https://s', 'certificate-authority-data': 'Q0E=' };
  const content = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(kubeconfig, JSON.stringify(content));
  return new Credentials(loadAccess({ kubeconfig }).auth, clock);
};

/** A plugin beside the kubeconfig, that leaves a line for each run and prints what it is told. */
const plugin = (script: string, more: { provideClusterInfo?: boolean; installHint?: string } = {}) => {
  const program = `#!/bin/sh\necho run >> ${directory}/runs\n${script}\n`;
  writeFileSync(join(directory, 'login'), program, { mode: 0o755 });
  const env = [{ name: 'WHO', value: 'me' }];
  const apiVersion = 'client.authentication.k8s.io/v1';
  return credentialsOf({ exec: { apiVersion, command: './login', args: null, env, ...more } });
};

const printing = (status: object) => `echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`;
const runs = () => readFileSync(join(directory, 'runs'), 'utf8').trim().split('\n').length;

describe('a credential plugin', () => {
  test('runs once for many requests, and again after a 401', async () => {
    const credentials = plugin(printing({ token: 't', expirationTimestamp: '2999-01-01T00:00:00Z' }));
    expect(await Promise.all([credentials.current(), credentials.current()])).toEqual([
      { headers: { authorization: 'Bearer t' } },
      { headers: { authorization: 'Bearer t' } },
    ]);
    await credentials.current();
    expect(runs()).toBe(1);
    credentials.invalidate();
    await credentials.current();
    expect(runs()).toBe(2);
  });

  test('runs again when its token has expired', async () => {
    const credentials = plugin(printing({ token: 't', expirationTimestamp: '2026-01-01T00:00:00Z' }));
    await credentials.current();
    await credentials.current();
    expect(runs()).toBe(2);
  });

  test('may issue a client certificate', async () => {
    const credentials = plugin(printing({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    expect(await credentials.current()).toEqual({ headers: {}, cert: 'CERT', key: 'KEY' });
  });

  test('is told its environment and the cluster', async () => {
    const script = `printf '{"status":{"token":"%s"}}' "$WHO $(echo "$KUBERNETES_EXEC_INFO" | tr -d '"')"`;
    const { headers } = await plugin(script, { provideClusterInfo: true }).current();
    expect(headers['authorization']).toBe(
      'Bearer me {apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,' +
        'spec:{interactive:false,cluster:{server:https://s,certificate-authority-data:Q0E=}}}',
    );
  });

  test('that hangs is given up, and not started a second time', async () => {
    const credentials = plugin(`while [ -d ${directory} ]; do sleep 0.1; done`);
    // The time is up as soon as the plugin runs.
    sleeping = () => vi.waitUntil(() => existsSync(join(directory, 'runs'))).then(() => undefined);
    await expect(credentials.current()).rejects.toThrow('no answer for 60 s');
    await expect(credentials.current()).rejects.toThrow('no answer for 60 s');
    expect(runs()).toBe(1);
  });

  test('that prints a bare token is reported without it', async () => {
    const error: unknown = await plugin('echo s3cret')
      .current()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('its output is no ExecCredential') });
    expect(inspect(error, { depth: 5 })).not.toContain('s3cret');
  });

  test.each([
    {
      name: 'that fails',
      script: 'echo no luck >&2; exit 3',
      message: 'login of the kubeconfig: no luck (get it)',
    },
    { name: 'that fails in silence', script: 'exit 3', message: 'it failed and did not say why' },
    { name: 'that prints no JSON', script: 'echo hello', message: 'its output is no ExecCredential' },
    { name: 'that prints something else', script: "echo '{}'", message: 'its output is no ExecCredential' },
    {
      name: 'that issues nothing',
      script: printing({}),
      message: 'it gave neither a token nor a client certificate',
    },
  ])('$name is reported with what it said', async ({ script, message }) => {
    const credentials = plugin(script, { installHint: 'get it' });
    // What it printed is not kept: the second time is as the first.
    for (let i = 1; i <= 2; i++) {
      await expect(credentials.current()).rejects.toMatchObject({
        code: 'PROFFER_CONFIG',
        message: expect.stringContaining(message),
      });
      expect(runs()).toBe(i);
    }
  });
});

describe('an identity provider', () => {
  const trusted = getCACertificates();
  let provider: Server;
  let issuer: string;
  let asked: string[];
  beforeEach(async () => {
    asked = [];
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=idp', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], {
      stdio: 'ignore',
    });
    const pem = readFileSync(cert, 'utf8');
    setDefaultCACertificates([...trusted, pem]);
    provider = createServer({ key: readFileSync(key), cert: pem }, (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.setHeader('content-type', 'application/json');
      const claims = { iss: issuer, aud: 'c', sub: 'u', iat: 1 };
      const answer = request.url!.startsWith('/.well-known/')
        ? { issuer, token_endpoint: `${issuer}/token` }
        : {
            access_token: 'a',
            token_type: 'Bearer',
            expires_in: 300,
            id_token: token('2999-01-01T00:00:00Z', claims),
          };
      response.end(JSON.stringify(answer));
    });
    await once(provider.listen(0, '127.0.0.1'), 'listening');
    issuer = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    setDefaultCACertificates(trusted);
    provider.close();
    provider.closeAllConnections();
  });

  const token = (expires: string, claims: object = {}): string =>
    [{ alg: 'RS256' }, { exp: Date.parse(expires) / 1000, ...claims }, 'signature']
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
  const provided = (config: Record<string, string>) =>
    credentialsOf({ 'auth-provider': { name: 'oidc', config } });
  const renewing = () => ({ 'client-id': 'c', 'refresh-token': 'r', 'idp-issuer-url': issuer });

  test('is not asked as long as its token is good', async () => {
    const good = token('2999-01-01T00:00:00Z');
    expect(await provided({ 'id-token': good, ...renewing() }).current()).toEqual({
      headers: { authorization: `Bearer ${good}` },
    });
    expect(asked).toEqual([]);
  });

  test('renews a token that has expired, once', async () => {
    const credentials = provided({ 'id-token': token('2026-01-01T00:00:00Z'), ...renewing() });
    const first = await credentials.current();
    expect(first.headers['authorization']).toMatch(/^Bearer ey/);
    credentials.invalidate();
    expect(await credentials.current()).toEqual(first);
    expect(asked).toEqual(['GET /.well-known/openid-configuration', 'POST /token']);
  });

  test('that cannot renew it is reported', async () => {
    const credentials = provided({ 'id-token': token('2026-01-01T00:00:00Z') });
    await expect(credentials.current()).rejects.toMatchObject({
      code: 'PROFFER_CONFIG',
      message:
        'auth-provider oidc of the kubeconfig: it gave neither a token nor a client certificate with its key ' +
        '(log in again with kubectl, or use a credential plugin)',
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
