import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aPool, aRole } from '../../test/builders/index.ts';
import { jobFacts, poolFacts, roleFacts, roleOf } from './workload.ts';

describe('a pool, as it is read', () => {
  test('has the defaults of the schema, and its template compiled', () => {
    const pool = poolFacts(
      aPool('arena').cpu('500m').port('game', 7777).fixedPort(80, 'TCP').tolerate('k').build(),
    );
    expect(pool).toMatchObject({
      key: 'games/arena',
      status: {},
      spec: {
        replicas: 1,
        priority: 0,
        scheduling: 'Packed',
        recovery: { maxBackoffSeconds: 300, nodeLossSeconds: 12 },
      },
      shape: {
        demand: { cpu: 500, pods: 1 },
        dynamicPorts: [{ name: 'game', containerPort: 7777, protocol: 'UDP' }],
        fixedPorts: [{ port: 80, protocol: 'TCP', ip: '' }],
        constraints: { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }] },
        unsupported: [],
      },
    });
  });

  test('is held, not lost, for a quantity that cannot be read and for a label that is ours', () => {
    const odd = aPool('arena').specField('overhead', { cpu: 'lots' }).podLabel('proffer.dev/slot', '3');
    expect(poolFacts(odd.build()).shape.unsupported).toEqual([
      'template.metadata.labels[proffer.dev/slot]',
      'template.spec: "lots" is not a quantity: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3',
    ]);
  });

  test('draws on its own role, or on that of its namespace', () => {
    expect(roleOf(poolFacts(aPool('a').role('studio').build()))).toBe('studio');
    expect(roleOf(poolFacts(aPool('a').namespace('ns').build()))).toBe('ns');
  });

  test('that does not match the schema is an error that names the field', () => {
    expect(() => poolFacts(aPool('a').field('replicas', -1).build())).toThrow('replicas');
  });
});

test('a job has one shape for each group, in order', () => {
  const job = jobFacts(aJob('learn').group(aGroup('ps').cpu('1'), aGroup('w').cpu('2')).build());
  expect([job.key, job.shapes.map((s) => s.demand['cpu'])]).toEqual(['training/learn', [1000, 2000]]);
});

test('a role without a spec has weight 1', () => {
  expect(roleFacts(aRole('studio').build())).toMatchObject({ key: 'studio', spec: { weight: 1 } });
  expect(roleFacts({ metadata: { name: 'bare' } }).spec.weight).toBe(1);
});

test('a guarantee that equals the limit can be had, also where neither is whole in MiB', () => {
  const role = aRole('studio').guarantee({ cpu: '1', memory: '1500M' }).limit({ memory: '1500M' });
  expect(roleFacts(role.build()).quota).toMatchObject({
    guarantee: { cpu: 1000, memory: 1430 },
    limit: { memory: 1430 },
  });
});
