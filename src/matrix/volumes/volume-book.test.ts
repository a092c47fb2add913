import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aCsiNode,
  aNode,
  aPod,
  aPool,
  aSnapshot,
  aStorageClass,
  aVolume,
  type Buildable,
  type RawStorage,
} from '../../../test/builders/index.ts';
import { buildMatrices } from '../matrices.ts';
import type { VolumeBook } from './volume-book.ts';

const RWOP = ['ReadWriteOncePod'];
const ZONE = 'topology.kubernetes.io/zone';
const NODES = [
  aNode('n1').label(ZONE, 'east').label('disk', 'ssd'),
  aNode('n2').label(ZONE, 'west'),
  aNode('n3'),
];

const UNBINDABLE = "node(s) didn't find available persistent volumes to bind";

/** The book of pools that use those claims, one a row. */
function bookOf(
  storage: RawStorage,
  rows: readonly (readonly string[])[],
  ...others: Buildable[]
): VolumeBook {
  const pools = rows.map((claims, i) =>
    aPool(`pool-${i}`)
      .namespace('default')
      .replicas(2)
      .claims(...claims),
  );
  const snapshot = aSnapshot()
    .with(...NODES, ...pools, ...others)
    .storage(storage)
    .build();
  return buildMatrices(snapshot, snapshot.classes).volumes!;
}

/** What keeps a task of the first pool off each node; an empty list for one that will do. */
const verdicts = (storage: RawStorage, ...others: Buildable[]): string[][] => {
  const book = bookOf(storage, [['data']], ...others);
  return NODES.map((_, agent) => book.blockers(0, agent));
};

const everywhere = (words: string) => NODES.map(() => [words]);

test('without claims there is no book', () => {
  const snapshot = aSnapshot()
    .with(...NODES, aPool('plain'))
    .build();
  expect(buildMatrices(snapshot, snapshot.classes).volumes).toBeUndefined();
});

describe('a claim that cannot be used keeps Pods off every node', () => {
  test.each<[string, RawStorage]>([
    ['persistentvolumeclaim "data" not found', {}],
    [
      'persistentvolumeclaim "data" is being deleted',
      { claims: [aClaim('data', { boundTo: 'v', deleting: true })], volumes: [aVolume('v')] },
    ],
    [
      'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"',
      { claims: [aClaim('data', { boundTo: 'v', phase: 'Lost' })] },
    ],
    ['pod has unbound immediate PersistentVolumeClaims', { claims: [aClaim('data')] }],
    [
      'pod has unbound immediate PersistentVolumeClaims',
      {
        claims: [aClaim('data', { of: 'now' })],
        classes: [aStorageClass('now', 'disks', { volumeBindingMode: 'Immediate' })],
      },
    ],
    [
      'pod has unbound immediate PersistentVolumeClaims',
      {
        claims: [aClaim('data', { of: 'slow', spec: { volumeName: 'v' } })],
        volumes: [aVolume('v', { of: 'slow' })],
        classes: [aStorageClass('slow')],
      },
    ],
    ['persistentvolume "v" not found', { claims: [aClaim('data', { boundTo: 'v' })] }],
    [
      'persistentvolume "v" is of a kind that is not supported: gcePersistentDisk',
      {
        claims: [aClaim('data', { boundTo: 'v' })],
        volumes: [aVolume('v', { spec: { gcePersistentDisk: { pdName: 'd' } } })],
      },
    ],
  ])('%s', (words, storage) => {
    expect(verdicts(storage)).toEqual(everywhere(words));
    expect(bookOf(storage, [['data']]).refusal(0)).toBe(words);
  });
});

describe('a bound claim', () => {
  const claims = [aClaim('data', { boundTo: 'v' })];

  test("binds to the nodes of its volume's affinity", () => {
    expect(verdicts({ claims, volumes: [aVolume('v', { on: ['n2'] })] })).toEqual([
      ["node(s) didn't match PersistentVolume's node affinity"],
      [],
      ["node(s) didn't match PersistentVolume's node affinity"],
    ]);
  });

  test('binds to the zones of its volume, but for nodes that do not say where they are', () => {
    const labels = { [ZONE]: 'north__west' };
    expect(verdicts({ claims, volumes: [aVolume('v', { labels })] })).toEqual([
      ['node(s) had no available volume zone'],
      [],
      [],
    ]);
  });

  test('an old label of a volume goes by the new one of nodes', () => {
    const labels = { 'failure-domain.beta.kubernetes.io/zone': 'east' };
    expect(verdicts({ claims, volumes: [aVolume('v', { labels })] })).toEqual([
      [],
      ['node(s) had no available volume zone'],
      [],
    ]);
  });

  test('of one Pod alone is of use to nobody else, until that Pod has ended', () => {
    const storage = { claims: [aClaim('data', { boundTo: 'v', modes: RWOP })], volumes: [aVolume('v')] };
    const user = () => aPod('user').claims('data').on('n3');
    expect(verdicts(storage)).toEqual([[], [], []]);
    expect(verdicts(storage, user().exited(0))).toEqual([[], [], []]);
    expect(verdicts(storage, user())).toEqual(
      everywhere(
        'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
      ),
    );
  });
});

describe('a claim that waits for its first Pod', () => {
  const claims = [aClaim('data', { of: 'local', size: '2Gi' })];
  const classes = [aStorageClass('local')];
  const withVolumes = (...volumes: NonNullable<RawStorage['volumes']>) =>
    verdicts({ claims, classes, volumes });
  const onlyOn = (agent: number) => NODES.map((_, i) => (i === agent ? [] : [UNBINDABLE]));

  test('goes where a volume is that is large enough and free', () => {
    expect(
      withVolumes(
        aVolume('small', { of: 'local', on: ['n1'] }),
        aVolume('right', { of: 'local', on: ['n2'], size: '2Gi' }),
        aVolume('other', { of: 'else', on: ['n3'], size: '2Gi' }),
      ),
    ).toEqual(onlyOn(1));
  });

  test.each<[string, Parameters<typeof aVolume>[1]]>([
    ['taken', { claim: { name: 'else', uid: 'u' } }],
    ['kept for a claim of that name before it', { claim: { name: 'data', uid: 'old' } }],
    ['not available', { phase: 'Released' }],
    ['of other access modes', { modes: ['ReadOnlyMany'] }],
    ['of another mode', { spec: { volumeMode: 'Block' } }],
    ['of other attributes', { spec: { volumeAttributesClassName: 'gold' } }],
    ["a cloud's own disk", { spec: { awsElasticBlockStore: { volumeID: 'd' } } }],
  ])('does not take a volume that is %s', (_, fields) => {
    expect(withVolumes(aVolume('v', { of: 'local', size: '2Gi', ...fields }))).toEqual(
      everywhere(UNBINDABLE),
    );
  });

  test('takes volumes with the labels of its selector', () => {
    const picky = [aClaim('data', { of: 'local', spec: { selector: { matchLabels: { tier: 'fast' } } } })];
    const volumes = [
      aVolume('slow', { of: 'local', on: ['n1'] }),
      aVolume('fast', { of: 'local', on: ['n3'], labels: { tier: 'fast' } }),
    ];
    expect(verdicts({ claims: picky, classes, volumes })).toEqual(onlyOn(2));
  });

  test('goes where the volume is that is kept for it, and nowhere else', () => {
    const free = aVolume('free', { of: 'local', size: '2Gi' });
    const kept = (uid?: string) => ({ name: 'data', ...(uid === undefined ? {} : { uid }) });
    for (const claim of [kept(), kept('uid-claim-data')])
      expect(withVolumes(free, aVolume('kept', { of: 'local', on: ['n1'], size: '2Gi', claim }))).toEqual(
        onlyOn(0),
      );
  });

  test('is made anywhere by a provisioner, and where its class allows', () => {
    expect(verdicts({ claims, classes: [aStorageClass('local', 'disks')] })).toEqual([[], [], []]);
    const allowedTopologies = [{ matchLabelExpressions: [{ key: ZONE, values: ['west', 'north'] }] }];
    expect(verdicts({ claims, classes: [aStorageClass('local', 'disks', { allowedTopologies })] })).toEqual(
      onlyOn(1),
    );
    const nowhere = [aStorageClass('local', 'disks', { allowedTopologies: [{}] })];
    expect(verdicts({ claims, classes: nowhere })).toEqual(everywhere(UNBINDABLE));
  });

  test('goes to the node that it was promised to', () => {
    const promised = [aClaim('data', { of: 'local', selectedNode: 'n2' })];
    expect(verdicts({ claims: promised, classes: [aStorageClass('local', 'disks')] })).toEqual(onlyOn(1));
  });

  test('is made where its driver has room for it, if that says how much it has', () => {
    const provided = {
      claims,
      classes: [aStorageClass('local', 'disks')],
      csiDrivers: [{ metadata: { name: 'disks' }, spec: { storageCapacity: true } }],
    };
    const capacity = (name: string, host: string, fields: object) => ({
      metadata: { name, namespace: 'kube-system' },
      storageClassName: 'local',
      nodeTopology: { matchLabels: { 'kubernetes.io/hostname': host } },
      ...fields,
    });
    const csiCapacities = [
      capacity('a', 'n1', { capacity: '2Gi' }),
      capacity('b', 'n2', { capacity: '9Gi', maximumVolumeSize: '1Gi' }),
      capacity('c', 'n3', {}),
    ];
    const short = ['node(s) did not have enough free storage'];
    expect(verdicts({ ...provided, csiCapacities })).toEqual([[], short, short]);
    expect(verdicts({ ...provided, csiDrivers: [] })).toEqual([[], [], []]);
  });

  test('two claims of a Pod do not share a volume', () => {
    const two = [aClaim('a', { of: 'local' }), aClaim('b', { of: 'local', size: '3Gi' })];
    const volumes = [
      aVolume('one', { of: 'local', on: ['n1'], size: '3Gi' }),
      aVolume('two', { of: 'local', on: ['n2'], size: '5Gi' }),
      aVolume('three', { of: 'local', on: ['n2'], size: '3Gi' }),
    ];
    const book = bookOf({ claims: two, classes, volumes }, [['a', 'b']]);
    expect(NODES.map((_, agent) => book.blocker(0, agent))).toEqual([UNBINDABLE, undefined, UNBINDABLE]);
    book.place(0, 1, 1);
    expect(book.choices(0).map(({ claim, volume }) => [claim.name, volume?.key])).toEqual([
      ['a', 'three'],
      ['b', 'two'],
    ]);
  });
});

describe('attach limits', () => {
  const csi = (name: string) => aVolume(name, { driver: 'disks' });
  const claims = ['data', 'a', 'b'].map((name) => aClaim(name, { boundTo: `v-${name}` }));
  const volumes = ['v-data', 'v-a', 'v-b', 'v-idle'].map(csi);
  const csiNodes = [aCsiNode('n1', { disks: 2 }), aCsiNode('n2', { disks: 1, others: 9 })];
  const FULL = ['node(s) exceed max volume count'];
  const users = (...claimed: string[]) =>
    claimed.map((claim, i) => aPod(`user-${i}-${claim}`).claims(claim).on('n1'));

  test('count volumes, not the Pods that use them, where there is a limit', () => {
    const storage = { claims, volumes, csiNodes };
    expect(verdicts(storage)).toEqual([[], [], []]);
    expect(verdicts(storage, ...users('a', 'a'))).toEqual([[], [], []]);
    expect(verdicts(storage, ...users('a', 'b'))).toEqual([FULL, [], []]);
    expect(verdicts(storage, ...users('a', 'b', 'data'))).toEqual([[], [], []]);
    expect(verdicts(storage, aPod('done').claims('b').on('n1').exited(0), ...users('a'))).toEqual([
      [],
      [],
      [],
    ]);
  });

  test('count what is attached for nobody', () => {
    const attachments = ['v-idle', 'v-a'].map((persistentVolumeName) => ({
      metadata: { name: persistentVolumeName },
      spec: { attacher: 'disks', nodeName: 'n1', source: { persistentVolumeName } },
    }));
    expect(verdicts({ claims, volumes, csiNodes, attachments }, ...users('a'))).toEqual([FULL, [], []]);
    expect(verdicts({ claims, volumes, csiNodes, attachments: [attachments[1]!] }, ...users('a'))).toEqual([
      [],
      [],
      [],
    ]);
  });

  test('count volumes that are yet to be made by their class', () => {
    const unmade = [aClaim('data', { of: 'fast' }), aClaim('a', { of: 'fast' })];
    const storage = { claims: unmade, classes: [aStorageClass('fast', 'disks')], csiNodes };
    expect(verdicts(storage, aPod('user').claims('a').on('n2'))).toEqual([[], FULL, []]);
  });

  test("count a cloud's own disks as those of the driver that has taken them over", () => {
    const spec = { awsElasticBlockStore: { volumeID: 'd' } };
    const mixed = [aVolume('v-data', { driver: 'ebs.csi.aws.com' }), aVolume('v-a', { spec })];
    const limited = [aCsiNode('n1', { 'ebs.csi.aws.com': 1 })];
    expect(verdicts({ claims, volumes: mixed, csiNodes: limited }, ...users('a'))).toEqual([FULL, [], []]);
  });

  test('a driver that must serve a node keeps Pods off others', () => {
    const csiDrivers = [{ metadata: { name: 'disks' }, spec: { preventPodSchedulingIfMissing: true } }];
    expect(verdicts({ claims, volumes, csiNodes, csiDrivers })).toEqual([
      [],
      [],
      ['disks CSI driver is not installed on the node'],
    ]);
  });
});

describe('what is placed counts for the next', () => {
  const classes = [aStorageClass('local'), aStorageClass('made', 'disks')];
  const blocked = (book: VolumeBook, row: number) =>
    NODES.map((_, agent) => book.blocker(row, agent) !== undefined);

  test('the last volume is taken once', () => {
    const claims = [aClaim('a', { of: 'local' }), aClaim('b', { of: 'local' })];
    const book = bookOf({ claims, classes, volumes: [aVolume('v', { of: 'local', on: ['n1'] })] }, [
      ['a'],
      ['b'],
    ]);
    const fork = book.fork();
    fork.place(0, 0, 1);
    expect(blocked(fork, 1)).toEqual([true, true, true]);
    expect(fork.choices(0)).toMatchObject([{ agent: 0, volume: { key: 'v' } }]);
    expect(blocked(book, 1)).toEqual([false, true, true]);
    fork.place(0, 0, -1);
    expect(blocked(fork, 1)).toEqual([false, true, true]);
    expect(fork.choices(0)).toEqual([]);
  });

  test('tasks of one claim go where the first went, until all are taken back', () => {
    const claims = [aClaim('a', { of: 'made' })];
    const book = bookOf({ claims, classes }, [['a'], ['a']]);
    book.place(0, 1, 2);
    book.place(1, 1, 1);
    expect(blocked(book, 0)).toEqual([true, false, true]);
    book.place(0, 1, -2);
    expect(blocked(book, 0)).toEqual([true, false, true]);
    book.place(1, 1, -1);
    expect(blocked(book, 0)).toEqual([false, false, false]);
  });

  test('a claim of one Pod alone has room for one', () => {
    const storage = { claims: [aClaim('a', { boundTo: 'v', modes: RWOP })], volumes: [aVolume('v')] };
    const book = bookOf(storage, [['a']]);
    expect(book.room(0, 0)).toBe(1);
    book.place(0, 0, 1);
    expect(NODES.map((_, agent) => book.room(0, agent))).toEqual([0, 0, 0]);
  });

  test('attached volumes count', () => {
    const claims = ['a', 'b'].map((name) => aClaim(name, { boundTo: `v-${name}` }));
    const volumes = ['v-a', 'v-b'].map((name) => aVolume(name, { driver: 'disks' }));
    const book = bookOf({ claims, volumes, csiNodes: [aCsiNode('n1', { disks: 1 })] }, [['a'], ['b']]);
    const fork = book.fork();
    fork.place(0, 0, 2);
    expect(blocked(fork, 1)).toEqual([true, false, false]);
    expect(blocked(fork, 0)).toEqual([false, false, false]);
    fork.place(0, 0, -1);
    expect(blocked(fork, 1)).toEqual([true, false, false]);
    fork.place(0, 0, -1);
    expect(blocked(fork, 1)).toEqual([false, false, false]);
    expect(blocked(book, 1)).toEqual([false, false, false]);
  });
});

describe('what claims have in common with others', () => {
  const classes = [aStorageClass('disks', 'disks.example.com')];
  const areAlike = (fields: Parameters<typeof aClaim>[1], more: RawStorage = {}) => {
    const claims = [aClaim('a', { of: 'disks' }), aClaim('b', { of: 'disks', ...fields })];
    const book = bookOf({ classes, claims, ...more }, [['a'], ['b']]);
    const [one, other] = [book.likeness(0), book.likeness(1)];
    return one !== undefined && one === other;
  };

  test('is all where they differ by their names', () => {
    expect(areAlike({})).toBe(true);
  });

  test('is nothing of claims that one Pod alone may use', () => {
    const claims = ['a', 'b'].map((name) => aClaim(name, { of: 'disks', modes: RWOP }));
    expect(bookOf({ classes, claims }, [['a']]).likeness(0)).toBeUndefined();
  });

  test.each<[what: string, fields: Parameters<typeof aClaim>[1], more?: RawStorage]>([
    ['their class', { of: 'other' }, { classes: [...classes, aStorageClass('other')] }],
    ['their size', { size: '2Gi' }],
    ['their modes', { modes: ['ReadWriteMany'] }],
    ['the mode of their volumes', { spec: { volumeMode: 'Block' } }],
    ['their attributes', { spec: { volumeAttributesClassName: 'gold' } }],
    ['the node that was chosen', { selectedNode: 'n1' }],
    ['labels that their volumes must have', { spec: { selector: { matchLabels: { disk: 'ssd' } } } }],
    ['a volume that is kept for one', {}, { volumes: [aVolume('v', { of: 'disks', claim: { name: 'b' } })] }],
    ['a volume that one has', { boundTo: 'v' }, { volumes: [aVolume('v', { of: 'disks' })] }],
  ])('is not enough where they differ by %s', (_, fields, more) => {
    expect(areAlike(fields, more)).toBe(false);
  });
});
