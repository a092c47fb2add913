import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW } from '../../test/builders/index.ts';
import { listen, type Listeners } from '../server/listeners.ts';
import { Metrics } from '../server/metrics.ts';
import { proffer, runMain } from './run.test-helper.ts';

const DUMPS = join(import.meta.dirname, '../../examples/dumps');

const arena = aPool('arena').replicas(2).cpu('1');
const snapshot = aSnapshot()
  .with(aNode('n1'), arena, aPod('arena-0').ofPool(arena, 0).on('n1').cpu('1').ready())
  .build();
const state = { leader: true };

let listeners: Listeners;
let operator: { readonly url: string };
let stranger: Server;
beforeAll(async () => {
  const anywhere = { host: '127.0.0.1', port: 0 };
  listeners = await listen({
    health: anywhere,
    http: anywhere,
    debug: anywhere,
    metrics: new Metrics(),
    inspect: { latest: () => ({ snapshot, offers: [], at: NOW, durationMs: 1 }), leader: () => state.leader },
    ready: () => true,
    unhealthy: () => undefined,
  });
  operator = listeners.debug;
  stranger = createServer((_, response) => void response.writeHead(404).end('<html>')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
});
afterAll(async () => {
  await listeners.close();
  stranger.close();
});

describe('the program', () => {
  test('prints its version and its help', async () => {
    expect(await proffer('version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^proffer \d+\.\d+\.\d+\n$/) as string,
    });
    expect((await proffer()).out).toContain('kubectl proffer COMMAND');
    expect((await proffer('help', 'matrix')).out).toContain('Show the matrices');
  });

  test('ends with 2 and a sentence when it is called wrongly', async () => {
    expect(await proffer('roles', '--url', 'localhost')).toEqual({
      code: 2,
      out: '',
      err:
        'proffer: --url must be an address such as http://127.0.0.1:8082, not "localhost"\n' +
        'See proffer help roles.\n',
    });
  });

  test('prints what an operator serves, as a table and as JSON', async () => {
    const { code, out } = await proffer('roles', '--url', operator.url);
    expect(code).toBe(0);
    expect(out).toMatch(/^ROLE .*\ngames +1 +25\.0% +█████░+ +cpu /);
    const json = await proffer('roles', '--url', `${operator.url}/`, '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject({
      at: '2026-01-01T12:00:00.000Z',
      roles: [{ name: 'games', share: 0.25 }],
    });
    expect((await proffer('matrix', 'gsp/games/arena', '--url', operator.url)).out).toContain(
      'gsp/games/arena',
    );
    expect((await proffer('offers', '--url', operator.url)).out).toMatch(/^No offers/);
  });

  test('ends with 1 and the sentence of an operator that cannot answer', async () => {
    expect(await proffer('matrix', '--node', 'n9', '--url', operator.url)).toEqual({
      code: 1,
      out: '',
      err: 'proffer: there is no node "n9"\n',
    });
    state.leader = false;
    expect((await proffer('roles', '--url', operator.url)).err).toBe(
      'proffer: this replica does not lead: ask the leader\n',
    );
    state.leader = true;
  });

  test('ends with 1 when nobody, or somebody else, answers', async () => {
    const { port } = stranger.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    expect((await proffer('roles', '--url', url)).err).toBe(
      `proffer: ${url} does not serve the debug pages of Proffer (HTTP 404)\n`,
    );
    stranger.close();
    await once(stranger, 'close');
    const { code, err } = await proffer('roles', '--url', url);
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`^proffer: no operator answers at ${url}: .*ECONNREFUSED`));
    expect((await proffer('roles', '--url', 'http://127.0.0.1:1')).err).toBe(
      'proffer: no operator answers at http://127.0.0.1:1: web clients may not use this port: serve the operator on another\n',
    );
  });

  test.each([
    ['the command line', ['roles', '--frob'], 2],
    ['a flag that only the operator reads', ['operator', '--lease-duration', '1'], 2],
    ['a setting', ['explain', '--kubeconfig', '/nowhere/config'], 1],
    ['a kubeconfig that is none', ['explain', '--kubeconfig', join(DUMPS, 'waiting.yaml')], 1],
    ['an operator', ['roles', '--url', 'http://127.0.0.1:1'], 1],
    ['a dump', ['explain', '-f', '/nowhere/dump'], 2],
    ['what is no dump', ['replay', join(import.meta.dirname, 'main.ts')], 2],
    ['a scenario', ['simulate', '/nowhere/scenario'], 2],
  ])('an error of %s ends in a sentence and no stack', async (_, argv, expected) => {
    const { code, out, err } = await proffer(...argv);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toMatch(/^proffer: .+\n(See proffer help.*\n)?$/);
    expect(err).not.toContain('fault of this program');
  });

  test('a fault of the program itself is told so, and its place to those who ask for it', async () => {
    const out = (): never => {
      throw new TypeError("Cannot read properties of null (reading 'some')");
    };
    const { code, err } = await runMain(['replay', join(DUMPS, 'waiting.yaml')], { out });
    expect({ code, err }).toEqual({
      code: 1,
      err:
        "proffer: a fault of this program, not of what you gave it: Cannot read properties of null (reading 'some'): " +
        'run it again with PROFFER_DEBUG=1, and report what it prints\n',
    });
    const asked = await runMain(['version'], { out, env: { PROFFER_DEBUG: '1' } });
    expect(asked.err).toMatch(/^proffer: TypeError: .*\n {4}at /);
  });

  test('ends with 1 when there is no cluster', async () => {
    const { code, err } = await proffer('roles', '--kubeconfig', '/nowhere/config');
    expect([code, err.split('\n')[0]]).toEqual([
      1,
      expect.stringMatching(/^proffer: kubeconfig \/nowhere\/config cannot be read/) as string,
    ]);
  });
});
