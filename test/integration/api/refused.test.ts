import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IS_OLDEST, type Cluster } from '../../../hack/cluster/index.ts';
import { objectSchema } from '../../../hack/generate/crd.ts';
import { KINDS } from '../../../hack/generate/kinds.ts';
import { rulesOf } from '../../../hack/generate/walk.ts';
import { failure, refusal, startWithCrds } from './apiserver.ts';
import { INVALID_AUTOSCALE } from './invalid-autoscale.ts';
import { INVALID, type Invalid } from './invalid.ts';
import { job, pool, template } from './manifests.ts';

const ALL: readonly Invalid[] = [...INVALID, ...INVALID_AUTOSCALE];

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startWithCrds('api-refused');
});
afterAll(async () => cluster?.down());

const DISK = {
  metadata: { name: 'disk' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

const RULES = KINDS.flatMap((kind) => rulesOf(objectSchema(kind), '')).map(({ rule }) => rule);

/** The chart leaves rules about amounts out where the API server would refuse definitions with them. */
const isDropped = ({ says }: Invalid): boolean =>
  IS_OLDEST &&
  RULES.some(({ rule, message }) => rule.includes('uantity(') && says.some((part) => message.includes(part)));

describe('the API server refuses, and names the field and the cure', () => {
  test.each(ALL.filter((each) => !isDropped(each)))('$why', async ({ manifest, says }) => {
    const answer = await refusal(cluster, manifest);
    expect(answer, 'it was accepted').toBeDefined();
    for (const part of says) expect(answer).toContain(part);
    // A rule that fails to run instead of saying no would refuse good manifests too.
    expect(answer).not.toContain(' evaluating rule: ');
  });
});

test('every rule of the CRDs has a manifest that breaks it', () => {
  const messages = RULES.filter(({ rule }) => !rule.includes('oldSelf')).map(({ message }) => message);
  expect(messages.length).toBeGreaterThan(20);
  const parts = ALL.flatMap(({ says }) => says);
  expect(messages.filter((message) => !parts.some((part) => message.includes(part)))).toEqual([]);
});

describe('what cannot change once a job exists', () => {
  const groups = (replicas: number, image: string) => [
    { name: 'worker', replicas, template: template({ containers: [{ name: 'train', image }] }) },
  ];

  beforeAll(async () => {
    const manifest = job({ role: 'studio', groups: groups(2, 'trainer:1') }, 'fixed');
    await cluster.kubectlWithInput(JSON.stringify(manifest), 'create', '-f', '-');
  });

  const patch = (spec: unknown) =>
    failure(cluster.kubectl('patch', 'tj', 'fixed', '--type=merge', '--patch', JSON.stringify({ spec })));

  test.each([
    ['replicas', groups(3, 'trainer:1')],
    ['image', groups(2, 'trainer:2')],
    [
      'a field of the PodSpec that the schema does not know',
      [
        {
          ...groups(2, 'trainer:1')[0],
          template: template({
            containers: [{ name: 'train', image: 'trainer:1' }],
            nodeSelector: { disk: 'ssd' },
          }),
        },
      ],
    ],
    ['minReplicas', [{ ...groups(2, 'trainer:1')[0], minReplicas: 1 }]],
    ['volumes of its workers', [{ ...groups(2, 'trainer:1')[0], volumeClaimTemplates: [DISK] }]],
    ['another name', [{ ...groups(2, 'trainer:1')[0], name: 'other' }]],
    ['another group', [...groups(2, 'trainer:1'), { name: 'launcher', template: template() }]],
  ])('groups: %s', async (_what, changed) => {
    const answer = await patch({ groups: changed });
    expect(answer).toContain('spec.groups: Forbidden');
    expect(answer).toContain('delete the job and create it anew');
  });

  test.each([
    ['another one', 'other'],
    ['none', null],
  ])('role: %s', async (_what, role) => {
    const answer = await patch({ role });
    expect(answer).toContain('spec.role: Forbidden: role cannot change once the job exists');
  });

  test('replicas of an elastic group, and parallelism, may change', async () => {
    const elastic = (replicas: number, parallelism: number, extra: object = {}) => [
      { name: 'task', completions: 9, parallelism, template: template() },
      { name: 'worker', replicas, minReplicas: 2, template: template(), ...extra },
    ];
    const manifest = job({ groups: elastic(4, 2) }, 'elastic');
    await cluster.kubectlWithInput(JSON.stringify(manifest), 'create', '-f', '-');
    const to = (changed: object) =>
      failure(
        cluster.kubectl(
          'patch',
          'tj',
          'elastic',
          '--type=merge',
          '-p',
          JSON.stringify({ spec: { groups: changed } }),
        ),
      );
    expect(await to(elastic(6, 3))).toBeUndefined();
    expect(await to(elastic(1, 3))).toContain('minReplicas is at most replicas');
    expect(await to(elastic(6, 3, { growAfterSeconds: 9 }))).toContain('delete the job and create it anew');
    expect(await to(elastic(6, 3).toReversed())).toContain('spec.groups: Forbidden');
  });

  test('priority and maxRestarts may change', async () => {
    expect(await patch({ priority: 5, maxRestarts: 10 })).toBeUndefined();
  });

  test('a pool may change its template', async () => {
    await cluster.kubectlWithInput(JSON.stringify(pool({}, 'changing')), 'create', '-f', '-');
    const changed = pool(
      { role: 'studio', template: template({ containers: [{ name: 'server', image: 'new' }] }) },
      'changing',
    );
    expect(
      await failure(cluster.kubectlWithInput(JSON.stringify(changed), 'replace', '-f', '-')),
    ).toBeUndefined();
  });
});
