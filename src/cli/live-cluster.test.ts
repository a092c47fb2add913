import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPod, aPool } from '../../test/builders/index.ts';
import { manifest } from '../dump/cluster.test-helper.ts';
import { proffer } from './run.test-helper.ts';

const message = '1 of 2 servers waiting: quota of role games';
const arena = aPool('arena')
  .replicas(2)
  .cpu('1')
  .status({
    conditions: [
      { type: 'Placed', status: 'False', reason: 'QuotaExceeded', message, lastTransitionTime: '' },
    ],
  });

/** What a tenant may list: the Pods and pools of namespace games. */
const YOURS: Readonly<Record<string, readonly unknown[]>> = {
  '/api/v1/namespaces/games/pods': [manifest(aPod('arena-0').ofPool(arena, 0).on('n1').cpu('1').ready())],
  '/apis/proffer.dev/v1alpha1/namespaces/games/gameserverpools': [manifest(arena)],
  '/apis/proffer.dev/v1alpha1/namespaces/games/trainingjobs': [],
  '/api/v1/namespaces/games/persistentvolumeclaims': [],
};

let server: Server;
let folder: string;
let kubeconfig: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const items = YOURS[request.url!.split('?')[0]!];
    response.setHeader('content-type', 'application/json');
    if (items) response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items }));
    else response.writeHead(403).end(JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'no' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'proffer-tenant-'));
  kubeconfig = join(folder, 'config');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'games' } }],
      clusters: [{ name: 'k', cluster: { server: address } }],
      users: [{ name: 'u', user: {} }],
    }),
  );
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

test('with the rights of a namespace explain says what it can, and once what it cannot', async () => {
  const { code, out, err } = await proffer('explain', '--kubeconfig', kubeconfig);
  expect(code).toBe(0);
  expect(out).toBe(
    'games/arena-1 of gsp/games/arena: waits for a node.\n' +
      `QuotaExceeded: its status says: ${message}\n` +
      'Needs cpu 1.\n' +
      'No nodes are known.\n',
  );
  expect(err.trim().split('\n')).toEqual([
    expect.stringMatching(
      /^proffer: of pods, persistentvolumeclaims, gameserverpools, trainingjobs you may list those of namespace games alone: /,
    ),
    expect.stringMatching(
      /^proffer: you may not list nodes, namespaces, .*: without nodes where a task could run is not shown, /,
    ),
  ]);
});

test('who may not even list the Pods of the namespace is told so in a sentence', async () => {
  const { code, err } = await proffer('explain', '--kubeconfig', kubeconfig, '-n', 'other');
  expect(code).toBe(1);
  expect(err).toMatch(/^proffer: [^\n]+\n$/);
});

test('servers reads the Pods of one namespace, and nothing else', async () => {
  const { code, out, err } = await proffer('servers', 'arena', '--kubeconfig', kubeconfig);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^NAME +POOL +STATE .*\narena-0 +arena +Ready +[-\d.]+ +- +- +n1 /);
  expect(await proffer('servers', '-A', '--kubeconfig', kubeconfig)).toEqual({
    code: 1,
    out: '',
    err: 'proffer: list pods: no (HTTP 403)\n',
  });
});

test('roles says what to do without the rights to read the operator', async () => {
  const { code, err } = await proffer('roles', '--kubeconfig', kubeconfig);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^proffer: you may not read the operator, .*proffer-reader .*proffer explain -n NAMESPACE/,
  );
});
