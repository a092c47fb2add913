import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proffer } from './run.test-helper.ts';

const POOL = '/apis/proffer.dev/v1alpha1/namespaces/games/gameserverpools/arena';
const KEPT = '/apis/apps/v1/namespaces/games/controllerrevisions';

let server: Server;
let folder: string;
let kubeconfig: string;
/** Conditions of the pool at each look, the last one for ever. */
let looks: { status: string; reason: string; message: string }[];
let generation: number;
let paused: boolean;
let kept: number[];
let patches: unknown[];

const pool = () => ({
  metadata: { name: 'arena', namespace: 'games', uid: 'u', resourceVersion: '7', generation },
  spec: { update: { paused } },
  status: {
    observedGeneration: 2,
    message: 'no room',
    conditions: [{ type: 'Progressing', ...(looks.length > 1 ? looks.shift() : looks[0]) }],
  },
});
const revision = (number: number, uid = 'u') => ({
  metadata: {
    name: `arena-${number}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'proffer.dev/revision': `hash${number}` },
    ownerReferences: [{ uid }],
  },
  revision: number,
  data: {
    spec: { ports: [], template: { spec: { containers: [{ name: 'main', image: `arena:${number}` }] } } },
  },
});

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      if (request.method === 'PATCH') patches.push(JSON.parse(body));
      const answer =
        path === POOL
          ? pool()
          : path === KEPT
            ? { items: [...kept.map((n) => revision(n)), revision(99, 'other')] }
            : undefined;
      response.setHeader('content-type', 'application/json');
      if (answer) response.end(JSON.stringify(answer));
      else
        response.writeHead(404).end(JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'none' }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'proffer-rollout-'));
  kubeconfig = join(folder, 'config');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clusters = [{ name: 'k', cluster: { server: address } }];
  const contexts = [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'games' } }];
  const config = { 'current-context': 'c', contexts, clusters, users: [{ name: 'u', user: {} }] };
  await writeFile(kubeconfig, JSON.stringify(config));
});
afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  looks = [{ status: 'True', reason: 'RevisionAvailable', message: '4 of 4' }];
  [generation, paused, kept, patches] = [2, false, [1, 2, 4], []];
});

const rollout = (...words: string[]) => proffer('rollout', ...words, '--kubeconfig', kubeconfig);

test('status tells how far it is until it is done', async () => {
  looks.unshift({ status: 'True', reason: 'Updating', message: '1 of 4' });
  expect(await rollout('status', 'gsp/arena')).toEqual({
    code: 0,
    out: 'arena: 1 of 4\narena: 4 of 4\n',
    err: '',
  });
});

test('status fails when the update makes no progress', async () => {
  looks = [{ status: 'False', reason: 'ProgressDeadlineExceeded', message: '1 of 4' }];
  expect(await rollout('status', 'arena')).toEqual({
    code: 1,
    out: '',
    err: 'proffer: arena: no progress within its deadline: no room\n',
  });
});

test('status tells it once when it is told not to wait, and believes no status of an older spec', async () => {
  generation = 3;
  expect((await rollout('status', 'arena', '--no-watch')).out).toBe(
    'arena: waits for the operator to see its spec\n',
  );
  generation = 2;
  looks = [{ status: 'Unknown', reason: 'UpdatePaused', message: '1 of 4' }];
  expect((await rollout('status', 'arena', '--no-watch')).out).toBe('arena: 1 of 4; it is paused\n');
});

test('history lists what is kept of this pool, the newest first', async () => {
  const { out } = await rollout('history', 'gameserverpools/arena');
  expect(out.split('\n').map((line) => line.trim().split(/ +/).join(' '))).toEqual([
    'REVISION HASH AGE IMAGES',
    expect.stringMatching(/^4 hash4 \S+ arena:4$/),
    expect.stringMatching(/^2 hash2 \S+ arena:2$/),
    expect.stringMatching(/^1 hash1 \S+ arena:1$/),
    '',
  ]);
  kept = [];
  expect((await rollout('history', 'arena')).out).toBe('No templates are kept of arena.\n');
});

test('undo puts the template before back, or the one that is named, unless the pool changed meanwhile', async () => {
  expect((await rollout('undo', 'arena')).out).toBe('arena goes back to the template of revision 2\n');
  expect((await rollout('undo', 'arena', '--to-revision', '1')).code).toBe(0);
  const patch = (image: string) => [
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'replace', path: '/spec/template', value: { spec: { containers: [{ name: 'main', image }] } } },
    { op: 'add', path: '/spec/ports', value: [] },
  ];
  expect(patches).toEqual([patch('arena:2'), patch('arena:1')]);
  expect((await rollout('undo', 'arena', '--to-revision', '4')).out).toMatch(
    'has the template of revision 4',
  );
  expect(patches).toHaveLength(2);
});

test('undo says why there is nothing to go back to', async () => {
  expect((await rollout('undo', 'arena', '--to-revision', '99')).err).toMatch(
    /there is no revision 99 of arena/,
  );
  kept = [4];
  expect((await rollout('undo', 'arena')).err).toMatch(/there is no template before the one that it has/);
  paused = true;
  expect((await rollout('undo', 'arena')).err).toMatch(/is paused: resume it first/);
  expect((await rollout('undo', 'arena', '--to-revision', 'x')).code).toBe(2);
});

test('pause and resume set the field', async () => {
  expect((await rollout('pause', 'arena')).out).toBe('the update is paused\n');
  expect((await rollout('resume', 'arena')).out).toBe('the update is resumed\n');
  expect(patches).toEqual([true, false].map((value) => ({ spec: { update: { paused: value } } })));
});

test('a pool that does not exist is named', async () => {
  expect(await rollout('status', 'lobby')).toMatchObject({ code: 1, out: '' });
});
