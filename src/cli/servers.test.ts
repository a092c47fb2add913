import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPod, aPool, NOW, type PodBuilder } from '../../test/builders/index.ts';
import { ANNOTATION, LABEL, SESSION_PREFIX } from '../api/group.ts';
import { manifest } from '../dump/cluster.test-helper.ts';
import { serversIn } from '../dump/index.ts';
import { elapsed } from '../lib/figures.ts';
import { proffer } from './run.test-helper.ts';
import { serverTable } from './server-table.ts';

const arena = aPool('arena').replicas(9);
const lobby = aPool('lobby').replicas(1);
const server = (slot: number): PodBuilder =>
  aPod(`arena-${slot}`)
    .ofPool(arena, slot)
    .on('node-1')
    .annotation(ANNOTATION.ports, `game=${7000 + slot}/UDP,query=${7100 + slot}/TCPUDP`);

/** A Pod as the API server sends it, on a node whose address is known. */
const sent = (pod: PodBuilder): object => {
  const object = manifest(pod);
  return { ...object, status: { ...(object['status'] as object), hostIP: '10.0.0.1' } };
};
const PODS: readonly object[] = [
  ...[
    aPod('lobby-0')
      .ofPool(lobby, 0)
      .on('node-2')
      .ready()
      .created(3 * 86_400),
    aPod('web').namespace('games').on('node-1').ready(),
    server(10).ready().created(7200),
    server(0).ready(),
    server(1)
      .ready()
      .session('Allocated')
      .revision('5d4c8f7b')
      .label(LABEL.session, 'match-1867')
      .annotation(ANNOTATION.addresses, 'InternalIP=10.0.0.1,ExternalIP=203.0.113.7')
      .annotation('proffer.dev/counter.players', '12/16')
      .annotation('proffer.dev/counter.rooms', '2'),
    server(2).starting(),
    server(14)
      .ready()
      .session('Allocated')
      .annotation(`${SESSION_PREFIX}match-1`, '{"state":"Allocated"}')
      .annotation(`${SESSION_PREFIX}match-2`, '{"state":"Allocated"}')
      .annotation('proffer.dev/counter.sessions', '2/8'),
    server(3).stuck('ImagePullBackOff'),
    server(4).exited(139),
    server(5).ready().deleting(),
    server(6).failed('OutOfcpu'),
    server(7).failed('Evicted'),
    server(8).exited(0),
    server(11).ready().session('Reserved').label(LABEL.intent, 'Drain'),
    server(12)
      .ready()
      .label(LABEL.intent, 'Maintenance')
      .annotation(ANNOTATION.addresses, 'ExternalIP=fd00::5'),
    server(13)
      .ready()
      .annotation(ANNOTATION.serviceAddress, 'game=203.0.113.9:8303/UDP,query=203.0.113.9:27015/UDP'),
  ].map(sent),
  // Only what its owner says makes a Pod a server; and nothing in it makes lines of its own.
  sent(aPod('fake').namespace('games').label(LABEL.pool, 'arena').ready()),
  manifest(aPod('arena-9').ofPool(arena, 9).annotation(ANNOTATION.ports, 'a=1/UDP\nforged')),
];

let folder: string;
let dump: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proffer-servers-'));
  dump = join(folder, 'dump.json');
  await writeFile(dump, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: PODS }));
});
afterAll(() => rm(folder, { recursive: true }));

test('golden text, of servers in every state', async () => {
  const all = { pool: undefined, namespace: undefined, now: NOW };
  const text = serverTable(serversIn(PODS), { ...all, wide: false });
  await expect(text).toMatchFileSnapshot('golden/servers.txt');
  const wide = serverTable(serversIn(PODS), { ...all, namespace: 'games', wide: true });
  await expect(wide).toMatchFileSnapshot('golden/servers-wide.txt');
});

test('of one namespace and pool, out of files', async () => {
  const { code, out, err } = await proffer('servers', 'lobby', '-n', 'games', '-f', dump);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.split('\n').map((line) => line.split(/ +/)[0])).toEqual(['NAME', 'lobby-0', '']);
  expect((await proffer('servers', '-f', dump)).out).toMatch(/^NAMESPACE /);
});

test('in the words of kubectl, and as JSON', async () => {
  const [plain, asked] = await Promise.all([
    proffer('servers', 'lobby', '-f', dump),
    proffer('get', 'servers', 'lobby', '-f', dump),
  ]);
  expect(asked).toEqual(plain);
  const { out } = await proffer('get', 'servers', 'arena', '-f', dump, '-o', 'json');
  const servers = JSON.parse(out) as { name: string }[];
  expect(servers.find(({ name }) => name === 'arena-1')).toMatchObject({
    state: 'Allocated',
    address: '203.0.113.7',
    players: '12/16',
    session: 'match-1867',
    counters: { players: { count: 12, capacity: 16 }, rooms: { count: 2 } },
  });
  expect((await proffer('get', 'pools', '-f', dump)).err).toContain('servers');
});

test('where there are none it says so', async () => {
  const said = async (...argv: string[]) => (await proffer('servers', ...argv, '-f', dump)).out;
  expect(await said('raid')).toBe('There are no game servers of pool raid in any namespace.\n');
  expect(await said('-n', 'other')).toBe('There are no game servers in namespace other.\n');
});

test('ages have one unit', () => {
  expect([-5, 0, 119, 120, 7199, 7200, 172_799, 172_800].map((s) => elapsed(s * 1000))).toEqual([
    '0s',
    '0s',
    '119s',
    '2m',
    '119m',
    '2h',
    '47h',
    '2d',
  ]);
});
