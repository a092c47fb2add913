import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aPool, aRole } from '../../test/builders/index.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { LONGEST_TEMPLATE, roleFacts, roleOf, type RawObject } from './workload.ts';

/** A required anti-affinity. */
const anti = (matchExpressions: unknown) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchExpressions } },
      ],
    },
  },
});

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
      groups: [
        {
          name: '',
          shape: {
            demand: { cpu: 500, pods: 1 },
            dynamicPorts: [{ name: 'game', containerPort: 7777, protocol: 'UDP' }],
            fixedPorts: [{ port: 80, protocol: 'TCP', ip: '' }],
            constraints: { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }] },
            unsupported: [],
          },
        },
      ],
    });
  });

  test('is held, not lost, for a quantity that cannot be read and for a label that is ours', () => {
    const odd = aPool('arena').specField('overhead', { cpu: 'lots' }).podLabel('proffer.dev/slot', '3');
    expect(poolFacts(odd.build()).groups[0]!.shape.unsupported).toEqual([
      'template.spec.overhead.cpu: "lots" is not a quantity: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3',
      'template.metadata.labels[proffer.dev/slot]',
    ]);
  });

  test('is held for an annotation that is ours, which would count on each of its Pods', () => {
    const manifest = aPool('arena').build() as { spec: { template: { metadata?: object } } };
    manifest.spec.template.metadata = { annotations: { 'proffer.dev/failures': '9', team: 'red' } };
    const { unsupported } = poolFacts(manifest as unknown as RawObject).groups[0]!.shape;
    expect(unsupported).toEqual(['template.metadata.annotations[proffer.dev/failures]']);
  });

  test('draws on its own role, or on that of its namespace', () => {
    expect(roleOf(poolFacts(aPool('a').role('studio').build()))).toBe('studio');
    expect(roleOf(poolFacts(aPool('a').namespace('ns').build()))).toBe('ns');
  });

  test('that does not match the schema is known with the field that does not', () => {
    const { faults, key } = poolFacts(aPool('a').field('replicas', -1).build());
    expect(key).toBe('games/a');
    expect(faults).toEqual([expect.stringMatching(/^spec\.replicas: /)]);
  });

  test('may have null wherever it may have nothing', () => {
    const pool = aPool('a').field('recovery', null).specField('affinity', null).specField('volumes', null);
    const { groups, faults, spec } = poolFacts(pool.build());
    const { shape } = groups[0]!;
    expect([faults, shape.unsupported, spec.recovery.nodeLossSeconds]).toEqual([[], [], 12]);
    expect(shape.template!.spec).not.toHaveProperty('affinity');
  });

  test.each<[what: string, spec: unknown, fault: RegExp]>([
    ['a list for a map', { nodeSelector: [] }, /^template\.spec\.nodeSelector: must be a map$/],
    ['a map for a list', { tolerations: {} }, /^template\.spec\.tolerations: must be a list$/],
    ['a number for a text', { runtimeClassName: 7 }, /^spec\.template\.spec\.runtimeClassName: /],
    ['a null in a list', { tolerations: [null] }, /^template\.spec\.tolerations\[0\]: must be a map$/],
    [
      'an environment that is a map',
      { containers: [{ name: 's', env: {} }] },
      /containers\[0\]\.env: must be a list$/,
    ],
    [
      'a requirement without a key',
      anti([{ operator: 'Exists' }]),
      /matchExpressions\[0\]\.key: is missing$/,
    ],
  ])('tells of %s', (_, more, fault) => {
    const raw = aPool('a').build();
    const spec = { containers: [{ name: 's' }], ...(more as object) };
    const { faults, groups } = poolFacts({ ...raw, spec: { template: { spec } } });
    expect([...faults, ...groups[0]!.shape.unsupported]).toEqual([expect.stringMatching(fault)]);
  });

  test('is not read when it is nested without end, or when its template is as large as data', () => {
    const deep = Array.from({ length: 500 }).reduce<unknown>((inner) => ({ inner }), {});
    expect(poolFacts(aPool('a').specField('deep', deep).build()).faults).toEqual([
      'spec: is nested deeper than 48 levels: flatten it',
    ]);
    const data = 'b'.repeat(LONGEST_TEMPLATE);
    const pool = poolFacts(aPool('a').specField('hostname', data).build());
    const job = jobFacts(aJob('a').group(aGroup('w').specField('hostname', data)).build());
    for (const { shape } of [...pool.groups, ...job.groups])
      expect(shape.unsupported).toEqual([
        expect.stringMatching(/^template: has \d+ characters, 65536 are the most/),
      ]);
    expect(JSON.stringify([pool, job]).length).toBeLessThan(6000);
  });

  test('draws on no role that cannot be one', () => {
    expect(poolFacts(aPool('a').role('.').build()).faults).toEqual([
      'spec.role: must be lower-case names separated by single slashes',
    ]);
  });

  test('keeps nothing of its metadata that nobody reads', () => {
    const { metadata, ...raw } = aPool('a').build();
    const data = { note: 'b'.repeat(10_000) };
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' }];
    const facts = poolFacts({
      ...raw,
      metadata: { ...metadata, labels: data, annotations: data, ownerReferences },
    });
    expect(facts).toEqual(poolFacts({ ...raw, metadata }));
  });

  test('has labels and resources of any name, and no others', () => {
    const pool = aPool('a').podLabel('constructor', 'b').request('example.com/toString', '1');
    const { labels, demand } = poolFacts(pool.build()).groups[0]!.shape;
    expect(labels['constructor']).toBe('b');
    expect(labels['toString']).toBeUndefined();
    expect(demand['constructor']).toBeUndefined();
  });

  test('keeps of its status what can be read', () => {
    const { status } = poolFacts(
      aPool('a').status({ recovered: 3, conditions: 'none', message: null }).build(),
    );
    expect(status).toEqual({ recovered: 3 });
  });
});

test('a job has one shape for each group, in order', () => {
  const job = jobFacts(aJob('learn').group(aGroup('ps').cpu('1'), aGroup('w').cpu('2')).build());
  expect([job.key, job.groups.map(({ shape }) => shape.demand['cpu'])]).toEqual([
    'training/learn',
    [1000, 2000],
  ]);
});

test('a role without a spec has weight 1', () => {
  expect(roleFacts(aRole('studio').build())).toMatchObject({ key: 'studio', spec: { weight: 1 } });
  expect(roleFacts({ metadata: { name: 'bare' } }).spec.weight).toBe(1);
});

test('a guarantee that equals the limit can be had, also where neither is whole in bytes', () => {
  const role = aRole('studio').guarantee({ cpu: '1', memory: '1500.5' }).limit({ memory: '1500.5' });
  expect(roleFacts(role.build()).quota).toMatchObject({
    guarantee: { cpu: 1000, memory: 1500 },
    limit: { memory: 1500 },
  });
});
