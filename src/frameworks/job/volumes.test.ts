import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  type Buildable,
} from '../../../test/builders/index.ts';
import { atOnce } from '../../lib/steps.ts';
import { claimUpkeep } from '../../plan/claim-upkeep.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';
import { makePlan } from '../../plan/plan.ts';
import { claimFacts } from '../../snapshot/volumes/claim.ts';
import { DRIVERS } from '../drivers.ts';
import { jobClaims } from './claims.ts';
import { jobFacts } from './facts.ts';

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volumeClaimTemplates = [{ metadata: { name: 'ckpt' }, spec }];
const group = (name: string) => aGroup(name).field('volumeClaimTemplates', volumeClaimTemplates);
const learn = (retention: object = {}) =>
  aJob('learn')
    .group(aGroup('ps'), group('w').replicas(2))
    .field('persistentVolumeClaimRetentionPolicy', retention);
const worker = (slot: number) => aPod(`learn-w-${slot}`).ofJob(learn(), 'w', slot).on('n1').tracked();
const others = () => [
  aPod('learn-ps-0').ofJob(learn(), 'ps', 0).on('n1').tracked().ready(),
  worker(1).ready(),
];

describe('workers with volumes that outlive them', () => {
  test.each([
    ['Delete', [{ kind: 'TrainingJob', name: 'learn', controller: true }]],
    ['Retain', undefined],
  ])(
    'have claims by group and index, which go with the job where whenDeleted says %s',
    (whenDeleted, owners) => {
      const { snapshot, allocation } = cycle(aSnapshot().with(aNode('n1'), learn({ whenDeleted })));
      const made = atOnce(makePlan(snapshot, allocation, DRIVERS)).flatMap((each) =>
        each.kind === 'makeClaim' ? [each.claim.metadata] : [],
      );
      expect(made.map(({ name }) => name)).toEqual(['ckpt-learn-w-0', 'ckpt-learn-w-1']);
      const [{ labels, ownerReferences } = {}] = made;
      expect(labels).toMatchObject({
        'proffer.dev/job': 'learn',
        'proffer.dev/group': 'w',
        'proffer.dev/slot': '0',
      });
      expect(ownerReferences).toEqual(owners && [expect.objectContaining(owners[0]!)]);
    },
  );

  test('get them back in another attempt', () => {
    const status = { restart: { attempt: 2, failures: 1, reason: 'x', startTime: '2020-01-01T00:00:00Z' } };
    const claims = [0, 1].map((slot) => aClaim(`ckpt-learn-w-${slot}`, { boundTo: `v${slot}` }));
    const { classes } = aSnapshot().with(aNode('n1'), learn().status(status)).storage({ claims }).build()
      .frameworks[0]!;
    const used = classes.flatMap(({ pending }) =>
      Array.from(pending, (each) => `${each.name}: ${(each.claims ?? []).map(({ name }) => name).join()}`),
    );
    expect(used).toEqual(['learn-ps-0-a2: ', 'learn-w-0-a2: ckpt-learn-w-0', 'learn-w-1-a2: ckpt-learn-w-1']);
  });

  test.each<[what: string, pod: Buildable, waits: boolean]>([
    ['is on a lost node', worker(0).on('n2').ready(), true],
    ['has ended and whose helper runs on', worker(0).exited(1).outlivedBy('log'), true],
    ['is over', worker(0).exited(1), false],
    ['went with its node', worker(0).on('gone').ready(), false],
  ])('wait for the Pod before them: one that %s', (what, pod, waits) => {
    const builder = aSnapshot()
      .with(aNode('n1'), aNode('n2'), learn(), pod, ...others())
      .health('n2', { unfitMs: 3_600_000 });
    const { classes, removals } = builder.build().frameworks[0]!;
    expect(classes.some(({ hold }) => hold?.reason === 'WorkersEnding')).toBe(waits);
    // The failure of one that ended is told first.
    expect(removals.map((each) => each.pod.name)).toEqual(what.endsWith('lost node') ? ['learn-w-0'] : []);
  });

  test.each([
    ['Succeeded', { whenComplete: 'Delete' }, { kind: 'delete' }],
    ['Succeeded', {}, undefined],
    ['Failed', { whenComplete: 'Delete' }, undefined],
    ['Running', { whenComplete: 'Delete' }, undefined],
  ])('lose them when the job has %s and the policy is %j: %j', (phase, retention, upkeep) => {
    const raw = aClaim('ckpt-learn-w-0');
    const claim = claimFacts({ ...raw, metadata: { ...raw.metadata, labels: { 'proffer.dev/slot': '0' } } });
    const job = jobFacts(learn(retention).status({ phase }).build() as never);
    const workload = { apiVersion: 'v1', kind: 'TrainingJob', name: 'learn', uid: 'u', controller: true };
    const isSpare = () => true;
    expect(
      claimUpkeep({ claim, workload, retention: jobClaims.retention(job), pod: undefined, isSpare }),
    ).toEqual(upkeep);
  });
});
