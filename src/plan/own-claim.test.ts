import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  aStorageClass,
  aVolume,
  type Buildable,
  type RawStorage,
  type SnapshotBuilder,
} from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { admissionOf } from '../snapshot/admission.ts';
import { admissionKey } from '../snapshot/admitted.ts';
import { cycle } from './cycle.test-helper.ts';
import type { PodManifest } from './pod.ts';
import { makePlan } from './plan.ts';
import { standInPod } from './stand-in-pod.ts';

const spec = {
  storageClassName: 'disks',
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};
const world = { metadata: { name: 'world', labels: { team: 'red' } }, spec };
const scratch = { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } };
const classes = [aStorageClass('disks', 'disks.example.com')];

const arena = () =>
  aPool('arena').namespace('default').replicas(2).cpu('1').field('volumeClaimTemplates', [world]);
const lobby = () => aPool('lobby').namespace('default').replicas(2).cpu('1').specField('volumes', [scratch]);

const builderOf = (storage: RawStorage, ...objects: Buildable[]): SnapshotBuilder =>
  aSnapshot()
    .with(aNode('n1'), aNode('n2'), ...objects)
    .storage({ classes, ...storage });

function planned(builder: SnapshotBuilder) {
  const { snapshot, allocation, all } = cycle(builder);
  const commands = atOnce(makePlan(snapshot, allocation, DRIVERS));
  const words = commands.map((command) => {
    const { kind } = command;
    if (kind === 'makeClaim') return `make ${command.claim.metadata.name}`;
    if (kind === 'claim') return `claim ${command.name} for ${command.node}`;
    if (kind === 'create') return `create ${command.pod.metadata.name} on ${command.pod.spec.nodeName}`;
    return kind;
  });
  return { commands, words, held: all[0]!.held, snapshot };
}
const words = (storage: RawStorage, ...objects: Buildable[]) => planned(builderOf(storage, ...objects)).words;

const mine = { owner: 'uid-gsp-default-lobby', of: 'disks' };
const bound = (name: string, node: string, fields: object = {}): RawStorage => ({
  claims: [aClaim(name, { of: 'disks', boundTo: `v-${name}`, ...fields })],
  volumes: [aVolume(`v-${name}`, { of: 'disks', on: [node], claim: { name, uid: `uid-claim-${name}` } })],
});
const joined = (...parts: RawStorage[]): RawStorage => ({
  claims: parts.flatMap(({ claims = [] }) => claims),
  volumes: parts.flatMap(({ volumes = [] }) => volumes),
});

describe('claims that tasks have for themselves', () => {
  test('are made before the tasks, with the slot or the Pod in them', () => {
    const { commands, held } = planned(builderOf({}, arena()));
    expect(commands.map((each) => each.kind === 'makeClaim' && each.claim)).toEqual(
      [0, 1].map((slot) => ({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: `world-arena-${slot}`,
          namespace: 'default',
          labels: { team: 'red', 'proffer.dev/pool': 'arena', 'proffer.dev/slot': String(slot) },
          annotations: {},
        },
        spec,
      })),
    );
    expect(held).toEqual({
      reason: 'WaitingForVolumes',
      message: 'claim world-arena-0 is made, claim world-arena-1 is made',
    });
    const [first] = planned(builderOf({}, lobby())).commands;
    expect(first).toMatchObject({
      claim: {
        metadata: {
          name: 'lobby-0-scratch',
          annotations: { 'proffer.dev/made-for': 'lobby-0' },
          ownerReferences: [{ kind: 'GameServerPool', uid: 'uid-gsp-default-lobby', controller: true }],
        },
      },
    });
  });

  test.each([
    ['Delete', [{ kind: 'GameServerPool', uid: 'uid-gsp-default-arena', controller: true }]],
    ['Retain', undefined],
  ])("of a slot are the pool's from birth where whenDeleted is %s", (whenDeleted, owners) => {
    const pool = arena().field('persistentVolumeClaimRetentionPolicy', { whenDeleted });
    const { commands } = planned(builderOf({}, pool));
    const made = commands.flatMap((each) => (each.kind === 'makeClaim' ? [each.claim.metadata] : []));
    expect(made).toMatchObject([0, 1].map(() => (owners ? { ownerReferences: owners } : {})));
    expect(made.every((each) => 'ownerReferences' in each)).toBe(owners !== undefined);
  });

  test('are not made for tasks without room or quota', () => {
    expect(words({}, arena().cpu('3').replicas(9))).toHaveLength(2);
    const role = aRole('default').limit({ cpu: '1' });
    expect(words({}, arena(), role)).toEqual(['make world-arena-0']);
    expect(words({}, arena().cpu('5'))).toEqual([]);
  });

  test('get their volumes for the node of their task alone', () => {
    const claims = [0, 1].map((slot) => aClaim(`world-arena-${slot}`, { of: 'disks' }));
    expect(words({ claims }, arena())).toEqual(['claim world-arena-0 for n1', 'claim world-arena-1 for n1']);
  });

  test('take each task to where its volume is', () => {
    const storage = joined(bound('world-arena-0', 'n2'), bound('world-arena-1', 'n1'));
    const { commands, words: said } = planned(builderOf(storage, arena()));
    expect(said).toEqual(['create arena-0 on n2', 'create arena-1 on n1']);
    const pods = commands.map((each) => (each as unknown as { pod: PodManifest }).pod);
    expect(pods.map(({ spec: { volumes } }) => volumes)).toEqual(
      [0, 1].map((slot) => [{ name: 'world', persistentVolumeClaim: { claimName: `world-arena-${slot}` } }]),
    );
  });

  test('hold up no task whose volumes are there', () => {
    expect(words(bound('lobby-1-scratch', 'n2', mine), lobby())).toEqual([
      'create lobby-1 on n2',
      'make lobby-0-scratch',
    ]);
  });

  test('stand in the Pod in place of ephemeral volumes', () => {
    const pool = lobby()
      .replicas(1)
      .specField('volumes', [{ name: 'tmp', emptyDir: {} }, scratch]);
    const [create] = planned(builderOf(bound('lobby-0-scratch', 'n1', mine), pool)).commands;
    expect(create).toMatchObject({
      kind: 'create',
      pod: {
        spec: {
          volumes: [
            { name: 'tmp', emptyDir: {} },
            { name: 'scratch', persistentVolumeClaim: { claimName: 'lobby-0-scratch' } },
          ],
        },
      },
    });
  });

  test.each([
    ['of another Pod that had the name', { owner: 'uid-other', of: 'disks' }],
    ['of people', { of: 'disks' }],
  ])('that go with tasks are never those %s', (_, fields) => {
    const { words: none, held } = planned(
      builderOf(bound('lobby-0-scratch', 'n1', fields), lobby().replicas(1)),
    );
    expect(none).toEqual([]);
    expect(held!.message).toContain('default/lobby-0-scratch was not created for the pod');
  });

  test('that stay with slots are also those that people made before', () => {
    expect(words(bound('world-arena-0', 'n2'), arena().replicas(1))).toEqual(['create arena-0 on n2']);
  });

  test('are waited for by a gang as a whole, and no worker has a wrong rank for it', () => {
    const learn = aJob('learn')
      .namespace('default')
      .group(aGroup('a').replicas(2).cpu('1').specField('volumes', [scratch]), aGroup('b').replicas(1));
    const job = { owner: 'uid-tj-default-learn' };
    const first = bound('learn-a-0-scratch', 'n1', job);
    expect(words(first, learn)).toEqual(['make learn-a-1-scratch']);
    const both = joined(first, bound('learn-a-1-scratch', 'n2', job));
    const { commands, words: said } = planned(builderOf(both, learn));
    expect(said.toSorted()).toEqual([
      'create learn-a-0 on n1',
      'create learn-a-1 on n2',
      'create learn-b-0 on n1',
    ]);
    const ranks = commands.map((each) => {
      const { metadata, spec: podSpec } = (each as unknown as { pod: PodManifest }).pod;
      const env = (podSpec.containers[0]!.env as { name: string; value: string }[]).map(({ name, value }) => [
        name,
        value,
      ]);
      return `${metadata.name} ${JSON.stringify(Object.fromEntries(env))}`;
    });
    expect(ranks.toSorted()).toEqual([
      'learn-a-0 {"PROFFER_GROUP":"a","PROFFER_WORKER_INDEX":"0","PROFFER_WORLD_SIZE":"3","PROFFER_RESTART_ATTEMPT":"0"}',
      'learn-a-1 {"PROFFER_GROUP":"a","PROFFER_WORKER_INDEX":"1","PROFFER_WORLD_SIZE":"3","PROFFER_RESTART_ATTEMPT":"0"}',
      'learn-b-0 {"PROFFER_GROUP":"b","PROFFER_WORKER_INDEX":"2","PROFFER_WORLD_SIZE":"3","PROFFER_RESTART_ATTEMPT":"0"}',
    ]);
  });
});

describe('what admission makes of tasks with claims of their own', () => {
  const known = (answer: (sent: PodManifest) => object) => {
    const storage = joined(bound('world-arena-0', 'n2'), bound('world-arena-1', 'n1'));
    const builder = () => builderOf(storage, arena());
    const { commands, snapshot } = planned(builder());
    const { pod } = commands[0] as unknown as { pod: PodManifest };
    const { shape } = snapshot.frameworks[0]!.classes[0]!;
    const key = admissionKey(snapshot.frameworks[0]!.metadata, '', shape);
    const admission = admissionOf(pod, answer(pod));
    const admitted = { admission, since: 0, at: 0, askedAt: undefined, mute: false };
    return { builder, key, admitted };
  };

  test('is asked once for all of them', () => {
    const { builder } = known((pod) => pod);
    const { words: said } = planned(builder().admitted());
    expect(said).toEqual(['ask']);
  });

  test('counts for each with its own claims', () => {
    const { builder, key, admitted } = known((pod) => ({
      ...pod,
      spec: { ...pod.spec, nodeSelector: { 'kubernetes.io/hostname': 'n1' } },
    }));
    // That of the first slot is on the other node.
    expect(planned(builder().admitted([key, admitted])).words).toEqual(['create arena-1 on n1']);
  });

  test('leaves claims as they are that all tasks share', () => {
    const pool = () => aPool('maps').namespace('default').cpu('1').claims('maps');
    const builder = () => builderOf(bound('maps', 'n2'), pool());
    const { commands, snapshot } = planned(builder());
    const { pod } = commands[0] as unknown as { pod: PodManifest };
    const [framework] = snapshot.frameworks;
    const key = admissionKey(framework!.metadata, '', framework!.classes[0]!.shape);
    const admission = admissionOf(pod, { ...pod, spec: { ...pod.spec, overhead: { cpu: '1' } } });
    const admitted = { admission, since: 0, at: 0, askedAt: undefined, mute: false };
    expect(planned(builder().admitted([key, admitted])).words).toEqual(['create maps-0 on n2']);
  });
});

describe('a stand-in of a task with claims of its own', () => {
  const standIns = (storage: RawStorage) =>
    planned(builderOf(storage, arena().cpu('9')))
      .snapshot.classes.filter(({ pending }) => pending.length > 0)
      .map((demandClass) => {
        const { frameworks } = builderOf(storage, arena().cpu('9')).build();
        return (standInPod(frameworks[0]!, demandClass, 's').spec as { volumes: unknown }).volumes;
      });

  test('has a volume of that name, and those that are there', () => {
    expect(standIns(bound('world-arena-1', 'n1'))).toEqual([
      [{ name: 'world', emptyDir: {} }],
      [{ name: 'world', persistentVolumeClaim: { claimName: 'world-arena-1' } }],
    ]);
  });
});

test('a server keeps the number of its slot when others have volumes', () => {
  const there = aPod('arena-0').ofPool(arena(), 0).namespace('default').on('n1').cpu('1').ready();
  expect(words({}, arena(), there)).toEqual(['make world-arena-1']);
});
