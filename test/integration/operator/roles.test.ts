import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { poolManifest, roleManifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess | undefined;

/** Four nodes of 4 cpu; every server asks for half a cpu, so that 32 fill the cluster. */
const CPU = '500m';

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '32Gi' };
  arena = await Arena.start({ name: 'it-op-roles', fakeNodes: 4, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'roles' });
});

afterEach(async () => {
  await arena.clear();
  await arena.cluster.kubectl('delete', 'or', '--all');
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const pool = (name: string, role: string, replicas: number, podSpec = {}) =>
  poolManifest({ name, replicas, cpu: CPU, spec: { role }, podSpec });

/** Waits until a pool says that so many servers are ready, and the rest waits with such a reason. */
const held = (name: string, ready: number, reason: string) =>
  until(`${ready} servers of ${name}, the rest held by ${reason}`, async () => {
    const { readyReplicas, conditions = [], message } = await arena.poolStatus(name);
    const placed = conditions.find(({ type }) => type === 'Placed');
    return readyReplicas === ready && placed?.reason === reason ? (message ?? '') : undefined;
  });

const condition = async (role: string, type: string) => {
  const { conditions = [] } = await arena.roleStatus(role);
  const found = conditions.find((c) => c.type === type);
  return found && `${found.status} ${found.reason}`;
};

const becomes = (role: string, type: string, told: string) =>
  until(`${type} of ${role} is ${told}`, async () => (await condition(role, type)) === told);

describe('a limit', () => {
  test('holds, is named on the pool, and opens when it is raised', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.enact(roleManifest('capped', { limit: { cpu: '2' } }));
    await arena.apply(pool('a', 'capped', 6));
    expect(await held('a', 4, 'QuotaExceeded')).toContain(
      'role capped has a limit of 2 cpu: 2 used or reserved, the next one needs 500m',
    );
    await arena.apply(roleManifest('capped', { limit: { cpu: '3' } }));
    await arena.ready('a', 6);
  });

  test('of a parent holds for all below it, who share it by weight', async () => {
    const studio = (cpu: string) => roleManifest('studio', { limit: { cpu } });
    await arena.enact(
      studio('0'),
      roleManifest('left', { parent: 'studio', weight: 2 }),
      roleManifest('right', { parent: 'studio' }),
    );
    await arena.apply(pool('a', 'left', 9), pool('b', 'studio/right', 9));
    // Nothing is given before both ask: the one that is heard of first would take all of it.
    await held('a', 0, 'QuotaExceeded');
    await held('b', 0, 'QuotaExceeded');
    await arena.apply(studio('3'));
    expect(await held('a', 4, 'QuotaExceeded')).toContain('role studio has a limit of 3 cpu');
    await held('b', 2, 'QuotaExceeded');
    await until('the tree in the table', async () => {
      const table = await arena.cluster.kubectl('get', 'or', '-o', 'wide');
      return (
        /^left .* 12\.5% .* studio\/left +2 /m.test(table) && /^studio .* 18\.8% .* studio +1 /m.test(table)
      );
    });
  });
});

describe('a guarantee', () => {
  test('is kept free of others, and reached', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.enact(roleManifest('render', { guarantee: { cpu: '6' } }));
    await arena.apply(pool('greedy', 'other', 40));
    expect(await held('greedy', 20, 'KeptForGuarantees')).toContain(
      '6 cpu free, 6 kept for what render lacks of its guarantee; the next one needs 500m',
    );
    await becomes('render', 'GuaranteeMet', 'True NotNeeded');
    await arena.apply(pool('frames', 'render', 12));
    await arena.ready('frames', 12);
    await becomes('render', 'GuaranteeMet', 'True AsExpected');
  });

  test('that no cluster of this size can meet is reported, and met as far as there is room', async () => {
    await arena.enact(roleManifest('render', { guarantee: { cpu: '20' } }));
    await arena.apply(pool('frames', 'render', 40));
    await held('frames', 32, 'InsufficientResources');
    await becomes('render', 'Valid', 'False GuaranteesExceedCluster');
    await becomes('render', 'GuaranteeMet', 'False InsufficientResources');
  });
});

test('a reservation is for its role alone, on the nodes with the labels', async () => {
  onTestFailed(() => console.log(operator?.tail(20)));
  const names = (await arena.cluster.kubectl('get', 'nodes', '-o', 'name')).trim().split('\n').slice(0, 2);
  await arena.cluster.kubectl('label', ...names, 'tier=gold');
  const gold = { nodeSelector: { tier: 'gold' } };
  const reservations = [{ ...gold, resources: { cpu: '3' } }];
  await arena.enact(roleManifest('elite', { reservations }));
  await until(
    'the labels to be known',
    async () => (await arena.roleStatus('elite')).reserved?.['cpu'] === '6',
  );
  await arena.apply(pool('greedy', 'other', 40));
  await until(
    'all that is not reserved is taken',
    async () => (await arena.poolStatus('greedy')).readyReplicas === 20,
  );
  await arena.apply(pool('stars', 'elite', 12, gold));
  await arena.ready('stars', 12);
  await until('the account of it', async () => {
    const { reserved, unused } = await arena.roleStatus('elite');
    return reserved?.['cpu'] === '6' && unused?.['cpu'] === undefined;
  });
  await arena.cluster.kubectl('label', ...names, 'tier-');
  await becomes('elite', 'Valid', 'False ReservationDoesNotFit');
});

test('a parent that does not exist is reported, servers come all the same, and it heals', async () => {
  await arena.enact(roleManifest('arena', { parent: 'studio', limit: { cpu: '1' } }));
  await arena.apply(pool('a', 'arena', 4));
  await arena.ready('a', 4);
  await becomes('arena', 'Valid', 'False UnknownParent');
  await arena.apply(roleManifest('studio', {}));
  // It holds more than its limit by now: nothing is taken away, nothing more is given.
  await becomes('arena', 'Valid', 'False OverLimit');
  await expect.poll(async () => (await arena.roleStatus('arena')).path).toBe('studio/arena');
  await arena.scale('a', 5);
  await held('a', 4, 'QuotaExceeded');
});
