import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  NOW,
  type SnapshotBuilder,
} from '../../test/builders/index.ts';
import { matricesView } from '../views/matrices.ts';
import { offersView, type OfferView } from '../views/offers.ts';
import { rolesView } from '../views/roles.ts';
import { matrixTables } from './matrix-tables.ts';
import { offerTable } from './offers.ts';
import { roleTable } from './roles.ts';
import { proffer } from './run.test-helper.ts';

const arena = aPool('arena')
  .replicas(4)
  .cpu('1')
  .memory('1Gi')
  .port('game', 7777)
  .port('query', 7778)
  .role('studio');
const lobby = aPool('lobby')
  .replicas(2)
  .cpu('250m')
  .memory('256Mi')
  .distributed()
  .priority(10)
  .role('studio');
const learn = aJob('learn').group(
  aGroup('worker').replicas(2).cpu('3').memory('4Gi').request('nvidia.com/gpu', '1'),
);

/** Four nodes with one trouble each, two roles, a pool that waits, a gang that does not fit. */
const busy = (): SnapshotBuilder =>
  aSnapshot()
    .with(aNode('edge-1'), aNode('edge-2').taint('maintenance'), aNode('edge-3').cpu('16').memory('32Gi'))
    .with(aNode('gpu-1').cpu('16').memory('64Gi').resource('nvidia.com/gpu', '1'))
    .with(arena, lobby, learn, aRole('studio').weight(2))
    .with(aPod('kube-proxy').namespace('kube-system').on('edge-1').cpu('3500m').memory('6Gi'))
    .with(aPod('arena-0').ofPool(arena, 0).on('edge-3').cpu('1').memory('1Gi').ready())
    .with(aPod('lobby-0').ofPool(lobby, 0).on('edge-3').cpu('250m').memory('256Mi').ready())
    .with(aPod('arena-1').ofPool(arena, 1).on('gpu-1').cpu('1').memory('1Gi').exited(1, 1))
    .health('edge-1', { unfitMs: 9400, cause: 'no heartbeat' })
    .health('edge-3', { pressures: ['DiskPressure'] });

const stamp = { at: new Date(NOW).toISOString(), durationMs: 4.25 };
const matrices = async (cluster: SnapshotBuilder, width: number, limit = 50): Promise<string> => {
  const view = await matricesView(cluster.build(), { limit, classLimit: 20 }, () => Promise.resolve());
  return matrixTables({ ...stamp, ...view }, width);
};

describe('golden text', () => {
  test('of the matrices', async () => {
    await expect(await matrices(busy(), 160)).toMatchFileSnapshot('golden/matrix.txt');
  });

  test('of the matrices of 3,000 nodes and 30 classes on a narrow terminal', async () => {
    const large = aSnapshot().with(
      ...Array.from({ length: 3000 }, (_, i) => aNode(`node-${String(i).padStart(4, '0')}`)),
    );
    large.with(
      ...Array.from({ length: 30 }, (_, i) => aPool(`pool-${String(i).padStart(2, '0')}`).cpu(`${100 + i}m`)),
    );
    await expect(await matrices(large, 80, 4)).toMatchFileSnapshot('golden/matrix-large.txt');
  });

  test('of amounts that no unit divides, and of resources that no node has', async () => {
    const odd = aNode('n1').memory('267847642337').resource('hugepages-2Mi', '0');
    const text = await matrices(aSnapshot().with(odd), 160);
    expect(text).toContain(' 249.5Gi / 249.5Gi ');
    expect(text).not.toContain('HUGEPAGES');
  });

  test('of the matrices of an empty cluster', async () => {
    await expect(await matrices(aSnapshot(), 160)).toMatchFileSnapshot('golden/matrix-empty.txt');
  });

  test('of the offers', async () => {
    const accepted: OfferView = {
      id: 'a-0',
      at: stamp.at,
      framework: 'gsp/games/arena',
      group: '',
      role: 'studio',
      node: 'gpu-1',
      tasks: 3,
      resources: { cpu: '3', memory: '3Gi', pods: '3' },
      hostPorts: [7000, 7001, 7002, 7004, 7005, 7009],
      answer: 'accepted',
      reason: '',
    };
    const declined: OfferView = {
      ...accepted,
      framework: 'tj/training/learn',
      group: 'worker',
      role: 'training',
      node: 'gpu-2',
      tasks: 1,
      resources: { cpu: '500m', 'nvidia.com/gpu': '1', pods: '1' },
      hostPorts: [],
      answer: 'declined',
      reason: '1 of 2 workers fit',
    };
    await expect(offerTable(offersView([accepted, accepted, declined], { limit: 2 }))).toMatchFileSnapshot(
      'golden/offers.txt',
    );
  });

  test('of the roles', async () => {
    const held = busy().hold('tj/training/learn', { reason: 'PodRefused', message: 'exceeded quota: gpus' });
    await expect(roleTable(rolesView(held.with(aRole('unused')).build(), { limit: 50 }))).toMatchFileSnapshot(
      'golden/roles.txt',
    );
  });

  test('of roles that are limited', async () => {
    await expect(roleTable(rolesView(busy().build(), { limit: 1 }))).toMatchFileSnapshot(
      'golden/roles-limited.txt',
    );
  });

  test('of the help', async () => {
    await expect((await proffer()).out).toMatchFileSnapshot('golden/help.txt');
    for (const name of [
      'operator',
      'explain',
      'replay',
      'matrix',
      'offers',
      'roles',
      'rollout',
      'servers',
      'simulate',
    ]) {
      await expect((await proffer('help', name)).out).toMatchFileSnapshot(`golden/help-${name}.txt`);
    }
  });
});

test('empty lists say so in a sentence', () => {
  expect(offerTable({ count: { shown: 0, total: 0 }, offers: [] })).toBe(
    'No offers were made since this replica leads.\n',
  );
  expect(roleTable(rolesView(aSnapshot().build(), { limit: 5 }))).toMatch(/^There are no roles/);
});
