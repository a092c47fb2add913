import type { Draw } from './draw.ts';
import { HOST, NAMESPACE_NAMES, ZONE, ZONES, type Part } from './words.ts';

/** An object that is put on the API server, and what happens to it after it was made. */
export interface StorageObject {
  /** Collection in the API: persistentvolumes; of the core group, or of storage.k8s.io. */
  readonly plural: string;
  readonly object: Part;
  /** Merged into its status. */
  readonly status?: Part;
  /** It is deleted, and a finalizer keeps it. */
  readonly leaving?: boolean;
}

/** Claims that every namespace has some of, by what they are for. Names that nobody makes are claims that are not found. */
export const CLAIMS = {
  bound: ['bound-0', 'bound-1', 'bound-2', 'bound-3'],
  zoned: ['zoned-0', 'zoned-1', 'zoned-2'],
  single: ['single-0', 'single-1', 'single-2'],
  attached: ['attached-0', 'attached-1', 'attached-2', 'attached-3'],
  static: ['static-0', 'static-1', 'static-2'],
  made: ['made-0', 'made-1', 'made-2', 'made-3'],
  odd: ['odd-0', 'odd-1', 'odd-2', 'odd-3', 'odd-4', 'odd-5'],
} as const;

/** Generic ephemeral volumes, by the kind of claim that is made for them. */
export const EPHEMERALS = ['static', 'made', 'bound', 'unmade'] as const;

const STATIC = 'diff-static';
const MADE = ['diff-made', 'diff-made', 'diff-near', 'diff-counted', 'diff-served'];
const IMMEDIATE = 'diff-immediate';
/** Limits how many of its volumes a node has. */
const LIMITED = 'limited.example.com';
/** Says how much room it has. */
const COUNTED = 'counted.example.com';
/** Must serve the node. */
const SERVED = 'served.example.com';
const SIZES = ['1Gi', '2Gi', '2147483649', '5Gi', '5G'];
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';

const named = (name: string, more: Part = {}): Part => ({ metadata: { name, ...more } });

function classes(draw: Draw): StorageObject[] {
  const of = (name: string, provisioner: string, more: Part = {}): StorageObject => ({
    plural: 'storageclasses',
    object: { ...named(name), provisioner, volumeBindingMode: 'WaitForFirstConsumer', ...more },
  });
  const near = draw.times(1 + draw.below(2), () => ({
    matchLabelExpressions: [
      { key: ZONE, values: draw.some(ZONES, 1, 2) },
      ...(draw.chance(30) ? [{ key: 'disk', values: ['ssd'] }] : []),
    ],
  }));
  return [
    of(STATIC, 'kubernetes.io/no-provisioner'),
    of('diff-made', LIMITED),
    of('diff-near', 'near.example.com', { allowedTopologies: near }),
    of('diff-counted', COUNTED),
    of('diff-served', SERVED),
    of(IMMEDIATE, 'made.example.com', { volumeBindingMode: 'Immediate' }),
  ];
}

function drivers(draw: Draw, nodes: readonly string[]): StorageObject[] {
  const driver = (name: string, spec: Part): StorageObject => ({
    plural: 'csidrivers',
    object: { ...named(name), spec: { attachRequired: true, ...spec } },
  });
  // That of the last node is made by the ground, which needs one that comes after all others.
  const csiNodes = nodes.slice(0, -1).flatMap((node): StorageObject[] => {
    if (draw.chance(20)) return [];
    const count = draw.chance(80) ? { allocatable: { count: 1 + draw.below(3) } } : {};
    const served = draw.chance(60) ? [{ name: SERVED, nodeID: node }] : [];
    const driver = { name: LIMITED, nodeID: node, ...count };
    return [{ plural: 'csinodes', object: { ...named(node), spec: { drivers: [driver, ...served] } } }];
  });
  const capacities = draw.times(4, (i): StorageObject => {
    const size = draw.one(['capacity', 'maximumVolumeSize', 'both', 'none']);
    return {
      plural: 'csistoragecapacities',
      object: {
        ...named(`capacity-${i}`, { namespace: NAMESPACE_NAMES[0] }),
        storageClassName: 'diff-counted',
        ...(draw.chance(85) ? { nodeTopology: { matchLabels: { [ZONE]: draw.one(ZONES) } } } : {}),
        ...(size === 'capacity' || size === 'both' ? { capacity: draw.one(SIZES) } : {}),
        ...(size === 'maximumVolumeSize' || size === 'both' ? { maximumVolumeSize: draw.one(SIZES) } : {}),
      },
    };
  });
  return [
    driver(COUNTED, { storageCapacity: true }),
    driver(SERVED, { preventPodSchedulingIfMissing: true }),
    ...csiNodes,
    ...capacities,
  ];
}

/** Where a volume can be reached from. */
function affinity(draw: Draw, nodes: readonly string[]): Part {
  const term = (): Part => {
    const expression = draw.one<Part>([
      { key: HOST, operator: 'In', values: draw.some(nodes, 1, 4) },
      { key: ZONE, operator: draw.one(['In', 'NotIn']), values: draw.some(ZONES, 1, 2) },
      { key: 'disk', operator: draw.one(['Exists', 'DoesNotExist']) },
      { key: 'rank', operator: draw.one(['Gt', 'Lt']), values: ['3'] },
    ]);
    const more = draw.chance(20) ? [{ key: 'disk', operator: 'In', values: ['ssd'] }] : [];
    return { matchExpressions: [expression, ...more] };
  };
  return { nodeAffinity: { required: { nodeSelectorTerms: draw.times(1 + draw.below(2), term) } } };
}

interface VolumeFields {
  readonly labels?: Part;
  readonly spec?: Part;
  readonly csi?: string;
  readonly phase?: string;
}

const volume = (
  draw: Draw,
  name: string,
  { labels = {}, spec = {}, csi, phase }: VolumeFields,
): StorageObject => ({
  plural: 'persistentvolumes',
  object: {
    ...named(name, { labels }),
    spec: {
      capacity: { storage: draw.one(SIZES) },
      accessModes: draw.some(['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany'], 1, 2),
      persistentVolumeReclaimPolicy: 'Retain',
      ...(csi === undefined ? { hostPath: { path: '/none' } } : { csi: { driver: csi, volumeHandle: name } }),
      ...spec,
    },
  },
  status: { phase: phase ?? 'Bound' },
});

interface ClaimState {
  readonly spec?: Part;
  readonly annotations?: Part;
  readonly modes?: readonly string[];
  readonly phase?: string;
  readonly leaving?: boolean;
}

const claim = (draw: Draw, namespace: string, name: string, state: ClaimState): StorageObject => ({
  plural: 'persistentvolumeclaims',
  object: {
    ...named(name, { namespace, annotations: state.annotations ?? {} }),
    spec: {
      accessModes: state.modes ?? [draw.one(['ReadWriteOnce', 'ReadWriteMany'])],
      resources: { requests: { storage: draw.one(SIZES) } },
      storageClassName: '',
      ...state.spec,
    },
  },
  status: { phase: state.phase ?? 'Pending' },
  ...(state.leaving ? { leaving: true } : {}),
});

/** A claim that has a volume, and that volume, when it is there. */
function boundPair(
  draw: Draw,
  namespace: string,
  name: string,
  fields: VolumeFields,
  state: ClaimState = {},
): StorageObject[] {
  const volumeName = `${namespace}-${name}`;
  const bound: ClaimState = {
    phase: 'Bound',
    ...state,
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
    spec: { volumeName, ...state.spec },
  };
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name };
  return [
    ...(draw.chance(92) ? [volume(draw, volumeName, { ...fields, spec: { claimRef, ...fields.spec } })] : []),
    claim(draw, namespace, name, bound),
  ];
}

const someZone = (draw: Draw): Part => ({
  [draw.one([ZONE, BETA_ZONE])]: draw.one([...ZONES, 'east__west']),
});

const waiting = (draw: Draw, storageClassName: string, nodes: readonly string[]): ClaimState => ({
  spec: {
    storageClassName,
    ...(draw.chance(12) ? { volumeMode: 'Block' } : {}),
    ...(draw.chance(20) ? { selector: { matchLabels: { tier: draw.one(['fast', 'slow']) } } } : {}),
  },
  ...(draw.chance(12) ? { annotations: { 'volume.kubernetes.io/selected-node': draw.one(nodes) } } : {}),
});

/** Claims of a namespace, with the volumes of those that have one. */
function claimsOf(draw: Draw, namespace: string, nodes: readonly string[]): StorageObject[] {
  const each = (names: readonly string[], make: (name: string) => StorageObject[]) =>
    names.flatMap((name) => (draw.chance(94) ? make(name) : []));
  const reach = () => ({ spec: draw.chance(75) ? affinity(draw, nodes) : {} });
  const odd = (name: string): StorageObject[] => {
    const plain = () => boundPair(draw, namespace, name, {});
    switch (draw.below(8)) {
      case 0:
        return [claim(draw, namespace, name, {})];
      case 1:
        return [claim(draw, namespace, name, { spec: { storageClassName: IMMEDIATE } })];
      case 2:
        return [claim(draw, namespace, name, { spec: { storageClassName: 'diff-absent' } })];
      case 3:
        return boundPair(draw, namespace, name, {}, { phase: 'Lost' });
      case 4:
        return boundPair(draw, namespace, name, {}, { leaving: true });
      case 5:
        return [
          claim(draw, namespace, name, { spec: { storageClassName: STATIC, volumeName: 'diff-volume-0' } }),
        ];
      default:
        return plain();
    }
  };
  return [
    ...each(CLAIMS.bound, (name) => boundPair(draw, namespace, name, reach())),
    ...each(CLAIMS.zoned, (name) => boundPair(draw, namespace, name, { labels: someZone(draw) })),
    ...each(CLAIMS.single, (name) => boundPair(draw, namespace, name, {}, { modes: ['ReadWriteOncePod'] })),
    ...each(CLAIMS.attached, (name) => boundPair(draw, namespace, name, { csi: LIMITED })),
    ...each(CLAIMS.static, (name) => [claim(draw, namespace, name, waiting(draw, STATIC, nodes))]),
    ...each(CLAIMS.made, (name) => [claim(draw, namespace, name, waiting(draw, draw.one(MADE), nodes))]),
    ...each(CLAIMS.odd, odd),
  ];
}

/** Volumes that nobody has, or that are kept for a claim. */
function freeVolumes(draw: Draw, nodes: readonly string[]): StorageObject[] {
  // Of two that are kept for one claim, or are of one size, kube-scheduler takes either.
  const owners = NAMESPACE_NAMES.flatMap((namespace) => CLAIMS.static.map((name) => ({ namespace, name })));
  const keepers = draw.some(owners, 3, 6);
  return draw.times(20, (i) => {
    const kept = keepers[i] && { claimRef: { kind: 'PersistentVolumeClaim', ...keepers[i] } };
    return volume(draw, `diff-volume-${i}`, {
      ...(draw.chance(60) ? { labels: { tier: draw.one(['fast', 'slow']) } } : {}),
      spec: {
        storageClassName: kept || draw.chance(70) ? STATIC : draw.one(MADE),
        ...(draw.chance(15) ? { volumeMode: 'Block' } : {}),
        ...(draw.chance(80) ? affinity(draw, nodes) : {}),
        capacity: { storage: kept ? '5Gi' : (SIZES[i - keepers.length] ?? `${900 + 170 * i}Mi`) },
        ...kept,
      },
      phase: draw.chance(90) ? 'Available' : 'Released',
    });
  });
}

/** Volumes that nodes have, whether a Pod uses them or not. */
function attachments(draw: Draw, nodes: readonly string[]): StorageObject[] {
  return draw.times(4, (i) => {
    const persistentVolumeName = `${draw.one(NAMESPACE_NAMES)}-${draw.one([...CLAIMS.attached, ...CLAIMS.bound])}`;
    const spec = { attacher: LIMITED, nodeName: draw.one(nodes), source: { persistentVolumeName } };
    return { plural: 'volumeattachments', object: { ...named(`attachment-${i}`), spec } };
  });
}

/** Draws what volumes of a cluster are made of. */
export const randomStorage = (draw: Draw, nodes: readonly string[]): StorageObject[] => [
  ...classes(draw),
  ...drivers(draw, nodes),
  ...freeVolumes(draw, nodes),
  ...NAMESPACE_NAMES.flatMap((namespace) => claimsOf(draw, namespace, nodes)),
  ...attachments(draw, nodes),
];

/**
 * Draws the claim that is made for a generic ephemeral volume of a Pod, and its volume.
 * @returns the objects, once the Pod has a UID
 */
export function ephemeralClaim(
  draw: Draw,
  namespace: string,
  name: string,
  kind: (typeof EPHEMERALS)[number],
  nodes: readonly string[],
): (uid: string) => StorageObject[] {
  const objects = (): StorageObject[] => {
    switch (kind) {
      case 'static':
        return [claim(draw, namespace, name, waiting(draw, STATIC, nodes))];
      case 'made':
        return [claim(draw, namespace, name, waiting(draw, draw.one(MADE), nodes))];
      case 'bound':
        return boundPair(draw, namespace, name, { spec: draw.chance(75) ? affinity(draw, nodes) : {} });
      case 'unmade':
        return [];
    }
  };
  const drawn = objects();
  const strange = draw.chance(8);
  return (uid) => {
    const of = strange ? '00000000-0000-0000-0000-000000000000' : uid;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'owner', uid: of, controller: true }];
    return drawn.map((each) => {
      if (each.plural !== 'persistentvolumeclaims') return each;
      const metadata = { ...(each.object['metadata'] as Part), ownerReferences };
      return { ...each, object: { ...each.object, metadata } };
    });
  };
}
