import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runMain } from './run.test-helper.ts';

const ANSWER = {
  session: 'match-1',
  server: 'arena-0',
  state: 'Allocated',
  address: '203.0.113.7',
  ports: [
    { name: 'game', port: 7000, protocol: 'UDP' },
    { name: 'query', port: 7001, protocol: 'TCP' },
  ],
};

let folder: string;
let servers: Server[] = [];
let url = '';
const asked: unknown[] = [];
let answer: { readonly status: number; readonly body: object };

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part as string;
  return JSON.parse(text || '{}') as unknown;
};

/** The Kubernetes API and the allocation API in one. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url: path, headers } = request;
  const body = await bodyOf(request);
  if (path!.startsWith('/v1/')) asked.push({ path, body, token: headers.authorization });
  else if (method === 'POST') asked.push(path);
  const kubernetes = path!.includes('/leases/')
    ? { kind: 'Lease', spec: { holderIdentity: 'proffer-0' } }
    : { kind: 'TokenRequest', status: { token: 'secret' } };
  response.statusCode = path!.startsWith('/v1/') ? answer.status : 200;
  response.end(JSON.stringify(path!.startsWith('/v1/') ? answer.body : kubernetes));
}

const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proffer-allocate-'));
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const what = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=other', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', '-nodes', ...what, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  });
  const handle = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  url = `http://127.0.0.1:${await listening(createServer(handle))}`;
  const certificate = { key: await readFile(key), cert: await readFile(cert) };
  const secure = await listening(createSecureServer(certificate, handle));
  const kubectl = `#!/bin/sh\necho "$*" >> ${folder}/calls\necho "Forwarding from 127.0.0.1:${secure} -> 8443"\nexec sleep 1000\n`;
  await writeFile(join(folder, 'kubectl'), kubectl);
  await chmod(join(folder, 'kubectl'), 0o755);
  await writeFile(
    join(folder, 'config'),
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'games' } }],
      clusters: [{ name: 'k', cluster: { server: url } }],
      users: [{ name: 'u', user: {} }],
    }),
  );
});
afterAll(async () => {
  for (const server of servers) server.close();
  servers = [];
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200, body: ANSWER };
});

const run = (...argv: string[]) =>
  runMain([...argv, '--kubeconfig', join(folder, 'config')], { env: { PATH: `${folder}:/usr/bin:/bin` } });

test('a session is given a server by the leader, with a token of the account', async () => {
  const { code, out, err } = await run(
    'allocate',
    'match-1',
    '--pool',
    'arena',
    '--pool',
    'duel',
    '--wait',
    '30',
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(
    'SESSION   SERVER    STATE       ADDRESS       PORTS\n' +
      'match-1   arena-0   Allocated   203.0.113.7   game:7000/UDP,query:7001/TCP\n',
  );
  expect(asked).toEqual([
    '/api/v1/namespaces/games/serviceaccounts/matchmaker/token',
    {
      path: '/v1/allocate',
      token: 'Bearer secret',
      body: {
        namespace: 'games',
        session: 'match-1',
        waitSeconds: 30,
        selectors: [{ pool: 'arena' }, { pool: 'duel' }],
      },
    },
  ]);
  expect(await readFile(join(folder, 'calls'), 'utf8')).toContain(
    '--namespace=proffer-system --address=127.0.0.1 pod/proffer-0 :8443',
  );
});

test('the address of the API can be given, and the answer printed as it is', async () => {
  const { out } = await run(
    'allocate',
    'match-1',
    '-n',
    'other',
    '--account',
    'me',
    '--url',
    url,
    '-o',
    'json',
  );
  expect(JSON.parse(out)).toEqual(ANSWER);
  expect(asked).toMatchObject([
    '/api/v1/namespaces/other/serviceaccounts/me/token',
    { body: { namespace: 'other', session: 'match-1', waitSeconds: 0 } },
  ]);
});

test('a session is released, or has no server', async () => {
  answer = { status: 200, body: { released: true } };
  expect(await run('release', 'match-1', '--url', url, '--drain')).toMatchObject({
    code: 0,
    out: 'session match-1 is released\n',
  });
  expect(asked[1]).toMatchObject({ path: '/v1/release', body: { session: 'match-1', next: 'Drain' } });
  answer = { status: 200, body: { released: false } };
  expect((await run('release', 'match-1', '--url', url)).out).toBe('session match-1 has no server\n');
});

test('what the API refuses is told in its words, and that nobody answers', async () => {
  answer = { status: 429, body: { code: 'PROFFER_ALLOCATION_NONE_FREE', detail: 'no free server fits' } };
  const refused = await run('allocate', 'match-1', '--url', url);
  expect([refused.code, refused.err]).toEqual([1, 'proffer: no free server fits\n']);
  const silent = await run('allocate', 'match-1', '--url', 'http://127.0.0.1:1');
  expect(silent.err).toMatch(
    /^proffer: the allocation API does not answer: connect ECONNREFUSED.*allocation\.enabled\n$/,
  );
  expect((await run('allocate', 'match-1', '--wait', '61')).code).toBe(2);
});
