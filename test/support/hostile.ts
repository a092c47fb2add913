import * as fc from 'fast-check';
import { API_VERSION, GROUP } from '../../src/api/group.ts';

/** An object of the tenant that means harm, as JSON. */
export interface HostileObject {
  readonly apiVersion: string;
  readonly kind: 'GameServerPool' | 'TrainingJob' | 'OfferRole' | 'Pod';
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The tenant whose objects these are. */
export const HOSTILE = 'tenant-b';

const from = (variable: string, usual: number): number => Number(process.env[variable] ?? usual);

/** How much of it the tests try; docs/testing.md says how to try more. */
export const HOW_MUCH = {
  seed: from('HOSTILE_SEED', 1),
  /** Clusters that a cycle runs in, each with 1 to 12 hostile objects. */
  clusters: from('HOSTILE_CLUSTERS', 300),
  /** Objects that are given to an API server. */
  objects: from('HOSTILE_OBJECTS', 400),
  /** Pools of 1.2 MB that are given to it. */
  large: from('HOSTILE_LARGE', 60),
} as const;

/** What hostile objects may know of their cluster. */
export interface Surroundings {
  /** A node that Pods of the tenant are bound to. */
  readonly node: string;
  /** A pool of another tenant, whose tasks are forged. */
  readonly victim: { readonly name: string; readonly uid: string };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Parent = Json[] | { [key: string]: Json };

/** Names that every object of JavaScript has something under. */
const PROTOTYPE_NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'] as const;

const HOSTNAME = 'kubernetes.io/hostname';

/** Texts that mean something in some field, rightly or not. */
const TEXTS = [
  ...PROTOTYPE_NAMES,
  ...'x a/b/c ../.. # %2F - * 0 -1 1e400 1e-400 0x10 1Zi . 1e NaN Infinity -Infinity 1n +1 1E'.split(' '),
  ...'0.0000000001 9223372036854775808 1m 100 64Mi cpu pods example.com/gpu metadata.name null'.split(' '),
  ...'In NotIn Exists DoesNotExist Gt Lt Equal in NoSchedule NoExecute Always Never Failed Succeeded'.split(
    ' ',
  ),
  ...'Running True tenant-a tenant-b good gsp GameServerPool proffer topology.kubernetes.io/zone'.split(' '),
  ...'2026-99-99T99:99:99Z -000001-01-01T00:00:00Z'.split(' '),
  HOSTNAME,
  API_VERSION,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '💥',
  'x'.repeat(5000),
  '9'.repeat(400),
];

const NUMBERS = [0, -0, 1, -1, 0.5, 65_535, 65_536, 100_000, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324];

/** A list or map as deep as a parser still reads. */
const deep = (levels: number, list: boolean): Json =>
  levels === 0 ? 'end' : list ? [deep(levels - 1, list)] : { a: deep(levels - 1, list) };

const anyText = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const anyKey = fc.oneof(
  { weight: 3, arbitrary: anyText },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...'labels annotations ownerReferences nodeSelector affinity operator values key'.split(' '),
      ...'requests limits priority overhead volumes replicas ports hostPort role'.split(' '),
      ...'slot failures gang gang-min role state inverse-offer framework'
        .split(' ')
        .map((name) => `${GROUP}/${name}`),
    ),
  },
);

/** Sets a key of a map as JSON does: `__proto__`, too, is a key like any other. */
function put(map: Parent, key: string | number, value: Json): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
}

const mapOf = (entries: readonly (readonly [string, Json])[]): Json => {
  const map: { [key: string]: Json } = {};
  for (const [key, value] of entries) put(map, key, value);
  return map;
};

const { value: anyJson } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: fc.constantFrom<Json>(null, true, false) },
    { weight: 4, arbitrary: fc.constantFrom<Json>(...NUMBERS) },
    { weight: 8, arbitrary: anyText },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Json>([], {}, [null], [[]], [{}], deep(60, true), deep(60, false)),
    },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 3, arbitrary: fc.array(fc.tuple(anyKey, tie('value')), { maxLength: 3 }).map(mapOf) },
  ),
}));

/** One change of an object, somewhere in it. */
const anyEdit = fc.record({
  /** Which of its places, counted through. */
  at: fc.nat({ max: 100_000 }),
  how: fc.constantFrom('alike', 'alike', 'alike', 'alike', 'replace', 'replace', 'add', 'remove'),
  key: anyKey,
  value: anyJson,
  /** What is put in the place of a text or a number when the type stays, so that readers take it. */
  text: anyText,
  number: fc.constantFrom(...NUMBERS, 2, 3, 7000, 7500),
});
type Edit = typeof anyEdit extends fc.Arbitrary<infer T> ? T : never;

/** Every place of an object, its own root left out. */
function placesOf(parent: Json, out: [Parent, string | number][] = []): [Parent, string | number][] {
  if (typeof parent !== 'object' || parent === null) return out;
  for (const key of Object.keys(parent)) {
    out.push([parent, key]);
    placesOf((parent as { [key: string]: Json })[key]!, out);
  }
  return out;
}

/** Something of the same type; of maps and lists a copy without what is in them. */
function alike(value: Json, { text, number }: Edit): Json {
  if (typeof value === 'string') return text;
  if (typeof value === 'number') return number;
  if (typeof value === 'boolean' || value === null) return value !== true;
  return Array.isArray(value) ? [] : {};
}

function edit(root: Json, change: Edit): void {
  const { at, how, key, value } = change;
  const leaf = ([parent, its]: readonly [Parent, string | number]) =>
    typeof (parent as { [key: string]: Json })[its] !== 'object';
  const all = placesOf(root);
  const places = how === 'alike' && all.some(leaf) ? all.filter(leaf) : all;
  if (places.length === 0) return;
  const [parent, its] = places[at % places.length]!;
  if (how === 'alike') put(parent, its, alike((parent as { [key: string]: Json })[its]!, change));
  else if (how === 'remove') delete (parent as { [key: string]: Json })[its];
  else if (how === 'replace') put(parent, its, structuredClone(value));
  else if (Array.isArray(parent)) parent.push(structuredClone(value));
  else put(parent, key, structuredClone(value));
}

/** A PodSpec with something in every field that anybody here reads. */
const podSpec = (): Json => ({
  containers: [
    {
      name: 'main',
      image: 'none',
      env: [{ name: 'A', value: 'b' }],
      ports: [{ name: 'p', containerPort: 80, hostPort: 7500, protocol: 'UDP' }],
      resources: { requests: { cpu: '100m', memory: '16Mi' }, limits: { 'example.com/gpu': '1' } },
    },
  ],
  initContainers: [
    { name: 'first', image: 'none', restartPolicy: 'Always', resources: { requests: { cpu: '1m' } } },
  ],
  nodeSelector: { team: 'b' },
  tolerations: [{ key: 'team', operator: 'Equal', value: 'b', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'team', operator: 'In', values: ['b', 'c'] }],
            matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['nowhere'] }],
          },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 10, preference: { matchExpressions: [{ key: 'size', operator: 'Gt', values: ['3'] }] } },
      ],
    },
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 5,
          podAffinityTerm: { topologyKey: HOSTNAME, labelSelector: { matchLabels: { app: 'b' } } },
        },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: HOSTNAME,
          labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['c'] }] },
          namespaceSelector: { matchLabels: { team: 'b' } },
          matchLabelKeys: ['version'],
        },
      ],
    },
  },
  topologySpreadConstraints: [
    {
      maxSkew: 5,
      minDomains: 1,
      topologyKey: HOSTNAME,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'b' } },
    },
  ],
  volumes: [{ name: 'data', emptyDir: {} }],
  priorityClassName: 'high',
  terminationGracePeriodSeconds: 1,
});

const template = (): Json => ({
  metadata: { labels: { app: 'b' }, annotations: { note: 'b' } },
  spec: podSpec(),
});

type Kind = HostileObject['kind'];
type Fields = { readonly [field: string]: Json };

const bases = ({ node, victim }: Surroundings): readonly (readonly [Kind, Fields])[] => {
  const pod = (metadata: Json, spec: Fields, status: Json): readonly [Kind, Fields] => [
    'Pod',
    { metadata, spec: { ...(podSpec() as Fields), ...spec }, status },
  ];
  const owner = {
    apiVersion: API_VERSION,
    kind: 'GameServerPool',
    name: victim.name,
    uid: victim.uid,
    controller: true,
  };
  const ended = {
    terminated: { exitCode: 1, startedAt: '2026-01-01T11:00:00Z', finishedAt: '2026-01-01T11:30:00Z' },
  };
  const bound = {
    phase: 'Running',
    hostIP: '10.0.0.1',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T11:00:00Z' }],
    containerStatuses: [
      { name: 'main', state: ended, allocatedResources: { cpu: '1' }, resources: { requests: {} } },
    ],
  };
  const labels = {
    'proffer.dev/pool': victim.name,
    'proffer.dev/slot': '0',
    'proffer.dev/revision': 'x',
    'proffer.dev/state': 'Allocated',
  };
  const annotations = {
    'proffer.dev/failures': '3',
    'proffer.dev/role': HOSTILE,
    'proffer.dev/notice-seconds': '5',
    'proffer.dev/inverse-offer': '2026-01-01T12:00:00Z',
  };
  const gang = { 'proffer.dev/gang': 'g', 'proffer.dev/gang-min': '1', 'proffer.dev/revocable': 'true' };
  const proffer = { schedulerName: 'proffer' };
  const disk = { volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }] };
  const other = { ...owner, apiVersion: 'apps/v1', kind: 'gsp', name: 'good' };
  return [
    [
      'GameServerPool',
      {
        metadata: { labels: { app: 'b' }, annotations: { note: 'b' } },
        spec: {
          replicas: 2,
          role: HOSTILE,
          priority: 5,
          noticeSeconds: 3,
          scheduling: 'Distributed',
          ports: [{ name: 'game', containerPort: 7000, protocol: 'TCPUDP' }],
          recovery: { maxBackoffSeconds: 60, nodeLossSeconds: 12 },
          template: template(),
        },
        status: {
          replicas: 1,
          readyReplicas: 1,
          recovered: 2,
          conditions: [{ type: 'Placed', status: 'True' }],
        },
      },
    ],
    [
      'TrainingJob',
      {
        metadata: { annotations: { note: 'b' } },
        spec: {
          role: HOSTILE,
          priority: 5,
          revocable: true,
          groups: [
            { name: 'w', replicas: 2, template: template() },
            { name: 'ps', replicas: 1, template: template() },
          ],
        },
        status: { phase: 'Running', restarts: 1, conditions: [{ type: 'Placed', status: 'True' }] },
      },
    ],
    [
      'OfferRole',
      {
        metadata: {},
        spec: {
          weight: 2,
          maxPriority: 1000,
          namespaces: { names: [HOSTILE], selector: { matchLabels: { team: 'b' } } },
          limit: { cpu: '1', memory: '1Gi' },
        },
        status: { path: HOSTILE, frameworks: 1, allocated: { cpu: '1' } },
      },
    ],
    pod({ labels: { app: 'b' }, ownerReferences: [other] }, proffer, {}),
    pod({ labels: { 'proffer.dev/framework': 'f' } }, { ...proffer, ...disk }, { nominatedNodeName: node }),
    pod({ labels: gang, annotations }, proffer, { conditions: [{ type: 'PodScheduled', status: 'False' }] }),
    pod({ labels, annotations, ownerReferences: [owner] }, { ...proffer, nodeName: node }, bound),
    pod({ labels, annotations, ownerReferences: [owner] }, { nodeName: node }, bound),
    pod({ labels: gang }, { ...proffer, nodeName: node }, bound),
  ];
};

/**
 * Objects of one tenant with random JSON in random places of their metadata, spec and status. Group, kind, name and
 * namespace are as they should be, since the API server and the command line go by them.
 */
export function anyHostile(surroundings: Surroundings): fc.Arbitrary<HostileObject> {
  const all = bases(surroundings);
  return fc
    .record({
      base: fc.nat({ max: all.length - 1 }),
      edits: fc.array(anyEdit, { minLength: 1, maxLength: 4 }),
      name: fc.nat({ max: 99_999 }),
    })
    .map(({ base, edits, name }) => {
      const [kind, fields] = all[base]!;
      const root = structuredClone(fields) as { metadata: Json };
      for (const each of edits) edit(root as unknown as Json, each);
      const given = root.metadata;
      const isMap = typeof given === 'object' && given !== null && !Array.isArray(given);
      const own =
        kind === 'OfferRole'
          ? { name: HOSTILE }
          : { name: `h-${name}`, namespace: HOSTILE, uid: `uid-h-${name}` };
      const metadata = { ...(isMap ? given : {}), ...own };
      return { ...root, apiVersion: kind === 'Pod' ? 'v1' : API_VERSION, kind, metadata };
    });
}
