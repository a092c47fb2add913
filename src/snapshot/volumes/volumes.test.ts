import { describe, expect, test } from 'vitest';
import { aClaim, aPod, aStorageClass, aVolume } from '../../../test/builders/index.ts';
import { readPod } from '../reading/pod.ts';
import { bytesOf } from './bytes.ts';
import { claimFacts } from './claim.ts';
import { claimsOf } from './claim-use.ts';
import { attachmentFacts, csiCapacityFacts, csiNodeFacts } from './csi.ts';
import { driverOfProvisioner } from './in-tree.ts';
import { storageClassFacts } from './storage-class.ts';
import { isInZone, isReached, volumeFacts } from './volume.ts';

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

test('bytes are rounded so that a claim never gets less than it asks for', () => {
  expect(bytesOf('2Gi', 'down')).toBe(2 ** 31);
  expect(bytesOf('1500m', 'up')).toBe(2);
  expect(bytesOf('1500m', 'down')).toBe(1);
  expect(bytesOf(undefined, 'up')).toBe(0);
  expect(() => bytesOf('much', 'up')).toThrow('"much" is not a quantity');
});

test('a claim is bound when it names a volume and the volume is bound to it as well', () => {
  expect(claimFacts(aClaim('c', { boundTo: 'v' }))).toMatchObject({ bound: true, volume: 'v' });
  expect(claimFacts(aClaim('c', { spec: { volumeName: 'v' } }))).toMatchObject({ bound: false, volume: 'v' });
  expect(claimFacts(aClaim('c'))).toMatchObject({ bound: false, volume: '', selectedNode: undefined });
});

test('the old annotation for the class goes before the field', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'old' };
  const raw = aClaim('c', { of: 'new' });
  expect(claimFacts(raw).storageClass).toBe('new');
  expect(claimFacts({ ...raw, metadata: { ...raw.metadata, annotations } }).storageClass).toBe('old');
  const volume = aVolume('v', { of: 'new' });
  expect(volumeFacts({ ...volume, metadata: { ...volume.metadata, annotations } }).storageClass).toBe('old');
});

test('a class without a mode binds at once', () => {
  expect(storageClassFacts(aStorageClass('c')).waits).toBe(true);
  expect(storageClassFacts(aStorageClass('c', 'p', { volumeBindingMode: undefined })).waits).toBe(false);
});

test('CSI objects with little in them', () => {
  expect(csiNodeFacts({ metadata: { name: 'n' }, spec: { drivers: null } })).toMatchObject({ drivers: [] });
  expect(csiNodeFacts({ metadata: { name: 'n' }, spec: { drivers: [{ name: 'd' }] } })).toEqual({
    key: 'n',
    drivers: ['d'],
    limits: {},
    faults: [],
  });
  expect(csiCapacityFacts({ metadata: { name: 'c', namespace: 'ns' } })).toMatchObject({
    key: 'ns/c',
    largest: 0,
    nodes: undefined,
  });
  const inline = { metadata: { name: 'a' }, spec: { attacher: 'd', nodeName: 'n', source: {} } };
  expect(attachmentFacts(inline)).toEqual({ key: 'a', node: 'n', driver: 'd', volume: '', faults: [] });
});

test('a driver makes its own volumes, and those of the provisioner that it has taken over', () => {
  expect(driverOfProvisioner('kubernetes.io/gce-pd')).toBe('pd.csi.storage.gke.io');
  expect(driverOfProvisioner('disks.example.com')).toBe('disks.example.com');
});

describe('the claims of a Pod', () => {
  const spec = (volumes: unknown) => readPod(aPod('p').specField('volumes', volumes).build()).pod.spec;
  const volumes = [
    { name: 'tmp', emptyDir: {} },
    { name: 'data', persistentVolumeClaim: { claimName: 'save' } },
    { name: 'scratch', ephemeral: {} },
  ];

  test('are those that it names, and those that are made for it', () => {
    expect(claimsOf(spec(volumes), { name: 'p', uid: 'u' })).toEqual([
      { name: 'save', owner: undefined },
      { name: 'p-scratch', owner: 'u' },
    ]);
  });

  test('of a template are those that it names', () => {
    expect(claimsOf(spec(volumes))).toEqual([{ name: 'save', owner: undefined }]);
  });

  test('are none for most, who share one list', () => {
    expect(claimsOf(spec([{ name: 'tmp', emptyDir: {} }]))).toBe(
      claimsOf(readPod(aPod('q').build()).pod.spec),
    );
  });
});

describe('where a volume can be reached', () => {
  const affinity = (...terms: readonly object[]) =>
    volumeFacts(aVolume('v', { spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } } }));
  const onSsd = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] };

  test.each<[string, boolean, ReturnType<typeof affinity>]>([
    ['without affinity', true, volumeFacts(aVolume('v'))],
    ['an affinity without terms', false, affinity()],
    ['a term that says nothing', false, affinity({})],
    ['a term that matches, after one that does not', true, affinity({}, onSsd)],
    // kube-scheduler gives the check labels and no name.
    [
      'the name of a node',
      true,
      affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['x'] }] }),
    ],
  ])('%s: %s', (_, reached, volume) => {
    expect(isReached(volume, { disk: 'ssd' })).toBe(reached);
  });

  test.each<[boolean, Record<string, string>, Record<string, string>]>([
    [true, {}, { [ZONE]: 'a' }],
    [true, { [ZONE]: 'a' }, {}],
    [true, { [ZONE]: 'b__a' }, { [ZONE]: 'a' }],
    [false, { [ZONE]: 'b' }, { [ZONE]: 'a' }],
    [true, { [ZONE]: 'b__' }, { [ZONE]: 'a' }],
    [false, { [ZONE]: 'a', [REGION]: 'r' }, { [ZONE]: 'a' }],
    [false, { [ZONE]: 'a' }, { [REGION]: 'r' }],
    [true, { 'failure-domain.beta.kubernetes.io/region': 'r' }, { [REGION]: 'r' }],
    [false, { [REGION]: 'r' }, { 'failure-domain.beta.kubernetes.io/region': 'r' }],
  ])('%s for a volume with %j on a node with %j', (expected, labels, node) => {
    expect(isInZone(volumeFacts(aVolume('v', { labels })), node)).toBe(expected);
  });
});
