import type { Draw } from './draw.ts';
import { CLAIMS, EPHEMERALS } from './random-storage.ts';
import {
  APPS,
  GPU,
  HOST,
  NAMESPACE_NAMES,
  RUNTIME_CLASSES,
  MEMBERS,
  TAINT_KEYS,
  TEAMS,
  ZONE,
  ZONES,
  type Part,
} from './words.ts';

/** Parts of a PodSpec that one rule adds; containers are added to those of the Pod. */
export interface RulePart {
  readonly spec?: Part;
  readonly affinity?: Part;
  /** Fields of the first container. */
  readonly container?: Part;
  /** Sources of volumes. */
  readonly volumes?: readonly Part[];
}

const numbers = ['0', '3', '7', '9223372036854775807'];

/** A requirement on node labels. */
function nodeRequirement(draw: Draw): Part {
  const key = draw.one([ZONE, 'disk', 'rank', 'gone', HOST, ...MEMBERS]);
  const operator = draw.one(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);
  if (operator === 'Exists' || operator === 'DoesNotExist') return { key, operator };
  if (operator === 'Gt' || operator === 'Lt')
    return { key: draw.one(['rank', 'disk']), operator, values: [draw.one(numbers)] };
  return { key, operator, values: draw.some([...ZONES, 'ssd', 'hdd', '3'], 1, 3) };
}

const nodeFields = (draw: Draw, nodes: readonly string[]): Part => ({
  key: 'metadata.name',
  operator: draw.one(['In', 'NotIn']),
  values: [draw.one(nodes)],
});

function nodeTerm(draw: Draw, nodes: readonly string[]): Part {
  const fields = draw.chance(25) ? { matchFields: [nodeFields(draw, nodes)] } : {};
  const expressions = draw.times(draw.below(3), () => nodeRequirement(draw));
  return { ...fields, ...(expressions.length > 0 ? { matchExpressions: expressions } : {}) };
}

/** Selectors of Pods, as likely to match as not. */
function podSelector(draw: Draw): Part {
  if (draw.chance(8)) return {};
  if (draw.chance(50)) return { labelSelector: { matchLabels: { app: draw.one(APPS) } } };
  if (draw.chance(10)) return { labelSelector: {} };
  const operator = draw.one(['In', 'NotIn', 'Exists', 'DoesNotExist']);
  const values = operator.endsWith('In') ? { values: draw.some(APPS, 1, 2) } : {};
  return { labelSelector: { matchExpressions: [{ key: draw.one(['app', 'team']), operator, ...values }] } };
}

function podTerm(draw: Draw): Part {
  const selector = podSelector(draw);
  const keyed = 'labelSelector' in selector && draw.chance(25);
  const kind = draw.one(['matchLabelKeys', 'mismatchLabelKeys']);
  const spaces = draw.below(4);
  return {
    topologyKey: draw.one([ZONE, HOST, 'disk', ...MEMBERS]),
    ...selector,
    ...(keyed ? { [kind]: [draw.one(['stage', 'none'])] } : {}),
    ...(spaces === 1 ? { namespaces: draw.some(NAMESPACE_NAMES, 1, 2) } : {}),
    ...(spaces === 2
      ? { namespaceSelector: draw.chance(50) ? {} : { matchLabels: { team: draw.one(TEAMS) } } }
      : {}),
  };
}

const required = (terms: readonly Part[]): Part => ({
  requiredDuringSchedulingIgnoredDuringExecution: terms,
});

/** Required and preferred terms; the latter must make no difference to where the Pod may go. */
const podAffinity = (draw: Draw): Part => ({
  ...required(draw.times(1 + draw.below(2), () => podTerm(draw))),
  ...(draw.chance(20)
    ? {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1 + draw.below(100), podAffinityTerm: podTerm(draw) },
        ],
      }
    : {}),
});

function spread(draw: Draw, topologyKey: string): Part {
  const hard = draw.chance(80);
  const selector = podSelector(draw);
  return {
    maxSkew: 1 + draw.below(3),
    topologyKey,
    whenUnsatisfiable: hard ? 'DoNotSchedule' : 'ScheduleAnyway',
    ...selector,
    ...(hard && draw.chance(30) ? { minDomains: 1 + draw.below(5) } : {}),
    ...(draw.chance(30) ? { nodeAffinityPolicy: draw.one(['Honor', 'Ignore']) } : {}),
    ...(draw.chance(30) ? { nodeTaintsPolicy: draw.one(['Honor', 'Ignore']) } : {}),
    ...('labelSelector' in selector && draw.chance(25) ? { matchLabelKeys: ['stage'] } : {}),
  };
}

/** Requests of a container, and limits where these must be there. */
export function randomResources(draw: Draw): Part {
  const requests: Record<string, string> = {};
  if (draw.chance(70)) requests['cpu'] = draw.one(['100m', '500m', '1', '1500m', '2']);
  if (draw.chance(60)) requests['memory'] = draw.one(['64Mi', '512Mi', '1Gi', '2Gi']);
  if (draw.chance(20)) requests['ephemeral-storage'] = draw.one(['1Gi', '5Gi', '20Gi']);
  const limits: Record<string, string> = {};
  if (draw.chance(20)) limits[GPU] = draw.one(['1', '2']);
  // Huge pages need cpu or memory beside them.
  if (draw.chance(15) && (requests['cpu'] ?? requests['memory']))
    limits['hugepages-2Mi'] = draw.one(['2Mi', '64Mi']);
  // A limit alone stands for the request.
  if (draw.chance(15) && requests['cpu'] === undefined) limits['cpu'] = draw.one(['1', '2']);
  return { resources: { requests: { ...requests, ...limits }, limits } };
}

/** Init containers, sidecars, more containers and pod-level resources. */
function counting(draw: Draw): RulePart {
  const inits = draw.times(draw.below(4), (i) => ({
    name: `init-${i}`,
    image: 'none',
    ...(draw.chance(50) ? { restartPolicy: 'Always' } : {}),
    ...randomResources(draw),
  }));
  const more = draw.times(draw.below(2), (i) => ({
    name: `more-${i}`,
    image: 'none',
    ...randomResources(draw),
  }));
  return {
    container: randomResources(draw),
    spec: { initContainers: inits, moreContainers: more, ...(draw.chance(25) ? { podLevel: true } : {}) },
  };
}

function ports(draw: Draw): RulePart {
  const hostPort = draw.one([7000, 7001, 7002]);
  const ip = draw.chance(40) ? { hostIP: draw.one(['127.0.0.1', '0.0.0.0', '10.0.0.1']) } : {};
  return {
    container: {
      ports: [{ containerPort: 80, hostPort, protocol: draw.one(['TCP', 'UDP', 'SCTP']), ...ip }],
    },
  };
}

function toleration(draw: Draw): Part {
  const effect = draw.one(['', 'NoSchedule', 'NoExecute', 'PreferNoSchedule']);
  const seconds = effect === 'NoExecute' && draw.chance(50) ? { tolerationSeconds: 30 } : {};
  const more = { ...(effect === '' ? {} : { effect }), ...seconds };
  if (draw.chance(15)) return { operator: 'Exists', ...more };
  const key = draw.one([...TAINT_KEYS, 'node.kubernetes.io/unschedulable']);
  if (draw.chance(50)) return { key, operator: 'Exists', ...more };
  return { key, ...(draw.chance(50) ? { operator: 'Equal' } : {}), value: draw.one(['a', 'b', '']), ...more };
}

/** Volumes of one or two claims. */
export const claimed = (draw: Draw, names: readonly string[]): RulePart => ({
  volumes: draw.some(names, 1, 2).map((claimName) => ({ persistentVolumeClaim: { claimName } })),
});

/** A volume whose claim is made for the Pod; its name says what becomes of that. */
const ephemeral = (draw: Draw): RulePart => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  return { volumes: [{ name: draw.one(EPHEMERALS), ephemeral: { volumeClaimTemplate: { spec } } }] };
};

/** The rules that Pods are drawn with, by the name of the table's row. */
export const RULES: Readonly<Record<string, (draw: Draw, nodes: readonly string[]) => RulePart>> = {
  'requests of one container': (draw) => ({ container: randomResources(draw) }),
  'init containers, sidecars, pod-level resources': counting,
  'host ports': ports,
  nodeSelector: (draw) => ({
    spec: {
      nodeSelector: draw.chance(50) ? { [ZONE]: draw.one(ZONES) } : { disk: draw.one(['ssd', 'hdd']) },
    },
  }),
  'node affinity': (draw, nodes) => {
    const terms = draw.times(1 + draw.below(2), () => nodeTerm(draw, nodes));
    return {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
      },
    };
  },
  'taints and cordon': (draw) => ({
    spec: { tolerations: draw.times(1 + draw.below(3), () => toleration(draw)) },
  }),
  'pod affinity': (draw) => ({ affinity: { podAffinity: podAffinity(draw) } }),
  'pod anti-affinity': (draw) => ({ affinity: { podAntiAffinity: podAffinity(draw) } }),
  'topology spread': (draw) => ({
    spec: {
      topologySpreadConstraints: draw
        .some([ZONE, HOST, 'disk', ...MEMBERS], 1, 2)
        .map((key) => spread(draw, key)),
    },
  }),
  RuntimeClass: (draw) => ({ spec: { runtimeClassName: draw.one(Object.keys(RUNTIME_CLASSES)) } }),
  'volumes with node affinity': (draw) => claimed(draw, CLAIMS.bound),
  'volumes in zones': (draw) => claimed(draw, CLAIMS.zoned),
  'claims of one Pod alone': (draw) => claimed(draw, CLAIMS.single),
  'attach limits': (draw) => claimed(draw, CLAIMS.attached),
  'claims that wait for a volume that is there': (draw) => claimed(draw, CLAIMS.static),
  'claims that wait for a volume to be made': (draw) => claimed(draw, CLAIMS.made),
  'claims in odd states': (draw) => claimed(draw, CLAIMS.odd),
  'generic ephemeral volumes': ephemeral,
};
