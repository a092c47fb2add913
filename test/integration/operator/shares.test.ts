import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { poolManifest, roleManifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess | undefined;

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '32Gi' };
  arena = await Arena.start({ name: 'it-op-shares', fakeNodes: 10, kwok: true, fakeNode });
  for (const name of ['studio', 'indie']) await arena.namespace(name);
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const start = async () => {
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'shares' });
};
const replicas = async (namespace: string) => (await arena.poolStatus('arena', namespace)).readyReplicas ?? 0;
/** Wants three times the whole cluster. */
const greedy = (namespace: string) => poolManifest({ name: 'arena', namespace, replicas: 240, cpu: '500m' });

test('a full cluster is shared by weight, 3 to 1, and what one leaves the other takes', async () => {
  onTestFailed(() => console.log(operator?.tail(10)));
  await arena.apply(
    roleManifest('studio', { weight: 3 }),
    roleManifest('indie', { weight: 1 }),
    greedy('studio'),
    greedy('indie'),
  );
  await start();
  await until(
    'the cluster is full',
    async () => (await replicas('studio')) + (await replicas('indie')) === 80,
  );
  expect([await replicas('studio'), await replicas('indie')]).toEqual([60, 20]);

  const roles = await until('the shares in the table', async () => {
    const table = await arena.cluster.kubectl('get', 'or');
    return table.includes('75.0%') && table.includes('25.0%') ? table : undefined;
  });
  expect(roles).toMatch(/studio +\S+ +75\.0% +180 /);
  expect(roles).toMatch(/indie +\S+ +25\.0% +220 /);

  // Nobody is preempted, but room that comes free goes to whoever is furthest below its share.
  await arena.scale('arena', 30, 'studio');
  await until(
    'the other takes it',
    async () => (await replicas('studio')) === 30 && (await replicas('indie')) === 50,
  );
  await arena.scale('arena', 240, 'studio');
  await arena.scale('arena', 10, 'indie');
  await until('and back', async () => (await replicas('studio')) === 70 && (await replicas('indie')) === 10);
});
