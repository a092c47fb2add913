import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proffer } from './run.test-helper.ts';

const CORE = '/api/v1/namespaces/training/pods';
const stamp = (second: number) => `2026-01-01T00:00:0${second}.000000000Z`;

interface Fake {
  readonly name: string;
  phase: string;
  /** What the container wrote, by the second; undefined while it has not started. */
  lines: string[] | undefined;
}

let server: Server;
let folder: string;
let kubeconfig: string;
let pods: Fake[];
let phase: string;
let version = 0;
let watches: ServerResponse[];
let asked: string[];
/** What may not be done. */
let forbidden: 'list' | 'watch' | undefined;
/** Called at each request for a log. */
let onLog: (pod: Fake, times: number) => void;

const podOf = ({ name, phase: its }: Fake) => ({
  metadata: { name, namespace: 'training', uid: name, resourceVersion: String(++version) },
  spec: { containers: [{ name: 'main' }, { name: 'side' }] },
  status: { phase: its },
});
const event = (type: string, pod: Fake) =>
  watches.forEach((watch) => watch.write(`${JSON.stringify({ type, object: podOf(pod) })}\n`));
const end = (pod: Fake, its = 'Succeeded') => {
  pod.phase = its;
  event('MODIFIED', pod);
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url!, 'http://k');
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const verb = query.has('watch') ? 'watch' : 'list';
    if (pathname === CORE && verb === forbidden)
      return answer(403, { kind: 'Status', reason: 'Forbidden', message: `may not ${verb} pods` });
    if (pathname === CORE && query.has('watch')) {
      response.writeHead(200).flushHeaders();
      return void watches.push(response);
    }
    asked.push(request.url!);
    if (pathname === CORE)
      return answer(200, { kind: 'PodList', metadata: { resourceVersion: '1' }, items: pods.map(podOf) });
    if (pathname.endsWith('/log')) {
      const pod = pods.find(({ name }) => pathname === `${CORE}/${name}/log`)!;
      onLog(pod, asked.filter((url) => url.startsWith(pathname)).length);
      if (!pod.lines)
        return answer(400, { kind: 'Status', reason: 'BadRequest', message: 'waiting to start' });
      const since = query.get('sinceTime') ?? '';
      const all = pod.lines.map((line, i) => `${stamp(i)} ${line}`).filter((line) => line >= since);
      return response.end(
        all
          .slice(-Number(query.get('tailLines') ?? all.length))
          .map((line) => `${line}\n`)
          .join(''),
      );
    }
    if (/\/(trainingjobs|gameserverpools)\/learn$/.test(pathname)) return answer(200, { status: { phase } });
    return answer(404, { kind: 'Status', reason: 'NotFound', message: 'none of that name' });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'proffer-logs-'));
  kubeconfig = join(folder, 'config');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clusters = [{ name: 'k', cluster: { server: address } }];
  const contexts = [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'training' } }];
  const config = { 'current-context': 'c', contexts, clusters, users: [{ name: 'u', user: {} }] };
  await writeFile(kubeconfig, JSON.stringify(config));
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  phase = 'Succeeded';
  pods = [10, 9].map((rank) => ({
    name: `learn-worker-${rank}`,
    phase: 'Succeeded',
    lines: [`${rank} begins`, `${rank} ends`],
  }));
  [watches, asked, forbidden] = [[], [], undefined];
  onLog = () => undefined;
});

const logs = (...words: string[]) => proffer('logs', ...words, '--kubeconfig', kubeconfig);
const asksFor = (text: string) => asked.filter((url) => url.includes(text));

test('prints the logs of all workers in the order of their ranks', async () => {
  expect(await logs('tj/learn')).toEqual({
    code: 0,
    out: '[worker-9] 9 begins\n[worker-9] 9 ends\n[worker-10] 10 begins\n[worker-10] 10 ends\n',
    err: '',
  });
  expect(asksFor('labelSelector=proffer.dev%2Fjob%3Dlearn')).toHaveLength(1);
});

test('of a pool those of its servers', async () => {
  pods = [{ name: 'learn-2', phase: 'Running', lines: ['plays'] }];
  expect((await logs('gsp/learn')).out).toBe('[2] plays\n');
  expect(asksFor('labelSelector=proffer.dev%2Fpool%3Dlearn')).toHaveLength(1);
});

test('has the tail and the container that are named, of Pods that have it', async () => {
  expect((await logs('learn', '--tail', '1', '-c', 'side')).out).toBe(
    '[worker-9] 9 ends\n[worker-10] 10 ends\n',
  );
  expect(asksFor('container=side')).toHaveLength(2);
  expect((await logs('learn', '-c', 'other')).out).toBe('');
});

test('goes on without a worker that has no log yet, and says so', async () => {
  pods[1]!.lines = undefined;
  expect(await logs('learn')).toMatchObject({
    code: 0,
    out: '[worker-10] 10 begins\n[worker-10] 10 ends\n',
    err: expect.stringMatching(/worker-9 has no log: .*waiting to start/),
  });
});

test('names a job that does not exist', async () => {
  expect(await logs('tj/other')).toMatchObject({ code: 1, err: expect.stringMatching(/none of that name/) });
  expect((await logs('a/b/c')).code).toBe(2);
});

test('follows all workers, those that come later too, until the job has ended', async () => {
  phase = 'Running';
  const [first] = pods;
  first!.phase = 'Running';
  pods = [first!];
  const later: Fake = { name: 'learn-worker-10-r1', phase: 'Running', lines: undefined };
  onLog = (pod, times) => {
    // The connection breaks after two lines: it is taken up after them.
    if (pod === first && times === 2) {
      first.lines!.push('10 fails');
      end(first, 'Failed');
      pods.push(later);
      event('ADDED', later);
    }
    if (pod === later && times === 2) {
      later.lines = ['again'];
      end(later);
      phase = 'Succeeded';
    }
  };
  const { code, out } = await logs('learn', '--follow');
  expect([code, out.split('\n')]).toEqual([
    0,
    ['[worker-10] 10 begins', '[worker-10] 10 ends', '[worker-10] 10 fails', '[worker-10-r1] again', ''],
  ]);
});

test.each(['list', 'watch'] as const)('who may not %s Pods is told so, and does not wait', async (verb) => {
  forbidden = verb;
  // Of a job that runs, so that nothing else ends it.
  [phase, pods] = ['Running', []];
  expect(await logs('learn', '--follow')).toMatchObject({
    code: 1,
    err: expect.stringContaining(`may not ${verb} pods`),
  });
});
