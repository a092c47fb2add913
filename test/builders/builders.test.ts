import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aRole, aSnapshot } from './index.ts';

describe('the builders', () => {
  test('make objects that the operator reads: supply, tasks, roles and health', () => {
    const arena = aPool('arena').replicas(3).cpu('500m').memory('512Mi').port('game', 7777).role('studio');
    const job = aJob('learn').group(aGroup('worker').replicas(2).cpu('1').request('nvidia.com/gpu', '1'));
    const snapshot = aSnapshot()
      .with(aNode('n2'), aNode('n1').cpu('8').memory('16Gi').resource('nvidia.com/gpu', '2').taint('gpu'))
      .with(arena, job, aRole('studio').weight(3))
      .with(aPod('arena-0').ofPool(arena, 0).on('n1').cpu('500m').memory('512Mi').ready())
      .with(aPod('learn-worker-1').ofJob(job, 'worker', 1).on('n1').cpu('1').exited(1, 1))
      .with(aPod('other').on('n2').cpu('1500m').fixedPort(7000))
      .health('n2', { pressures: ['DiskPressure'] })
      .build();

    expect(snapshot.agents.map((a) => a.name)).toEqual(['n1', 'n2']);
    expect(snapshot.columns.names).toEqual(['cpu', 'memory', 'ephemeral-storage', 'pods', 'nvidia.com/gpu']);
    const GiB = 2 ** 30;
    // prettier-ignore
    expect([...snapshot.supply]).toEqual([
      7500, 15.5 * GiB, 100 * GiB, 109, 2,
      2500, 8 * GiB, 100 * GiB, 109, 0,
    ]);
    expect(snapshot.frameworks.map((f) => [f.id, f.role, f.live.length])).toEqual([
      ['gsp/games/arena', 'studio', 1],
      ['tj/training/learn', 'training', 0],
    ]);
    expect(snapshot.classes.map((c) => Array.from(c.pending, (v) => v.name))).toEqual([
      ['arena-1', 'arena-2'],
      ['learn-worker-0', 'learn-worker-1-r1'],
    ]);
    expect(snapshot.roles.map((r) => [r.name, r.weight])).toEqual([
      ['studio', 3],
      ['training', 1],
    ]);
    expect(snapshot.ports[1]!.free).toBe(1000);
    expect(snapshot.health[1]!.pressures).toEqual(['DiskPressure']);
  });
});
