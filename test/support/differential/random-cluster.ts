import type { Draw } from './draw.ts';
import { claimed, randomResources, RULES, type RulePart } from './random-rules.ts';
import { CLAIMS, EPHEMERALS, ephemeralClaim, randomStorage, type StorageObject } from './random-storage.ts';
import {
  APPS,
  GPU,
  HOST,
  MEMBERS,
  NAMESPACE_NAMES,
  TAINT_KEYS,
  TEAMS,
  ZONE,
  ZONES,
  type Part,
} from './words.ts';

/** A Pod whose nodes are asked for, and the rules that it was drawn with. */
export interface Probe {
  readonly pod: Part;
  readonly rules: readonly string[];
  /** What is made for its ephemeral volumes once it has a UID; undefined when it has none. */
  readonly ephemeral: ((uid: string) => StorageObject[]) | undefined;
}

/** A Pod that is bound, and what happens to it after it was made. */
export interface Standing {
  readonly pod: Part;
  /** Merged into its status. */
  readonly status: Part | undefined;
  /** It is deleted, and nobody confirms that. */
  readonly leaving: boolean;
}

/** Nodes, the Pods on them, what their volumes are made of, and Pods that look for a node. */
export interface RandomCluster {
  readonly nodes: readonly Part[];
  readonly standing: readonly Standing[];
  readonly storage: readonly StorageObject[];
  readonly probes: readonly Probe[];
}

function randomNode(draw: Draw, name: string): Part {
  const capacity = {
    cpu: draw.one(['2', '4', '8']),
    memory: draw.one(['2Gi', '4Gi', '16Gi']),
    pods: String(draw.one([3, 6, 20])),
    'ephemeral-storage': draw.one(['5Gi', '50Gi']),
    ...(draw.chance(40) ? { [GPU]: draw.one(['1', '4']) } : {}),
    ...(draw.chance(40) ? { 'hugepages-2Mi': '128Mi' } : {}),
  };
  const taints = draw.chance(45)
    ? draw.some(TAINT_KEYS, 1, 2).map((key) => ({
        key,
        ...(draw.chance(60) ? { value: draw.one(['a', 'b']) } : {}),
        effect: draw.one(['NoSchedule', 'NoExecute', 'PreferNoSchedule']),
      }))
    : [];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [HOST]: name,
        ...(draw.chance(85) ? { [ZONE]: draw.one(ZONES) } : {}),
        ...(draw.chance(70) ? { disk: draw.one(['ssd', 'hdd']) } : {}),
        ...(draw.chance(30) ? { [draw.one(MEMBERS)]: 'ssd' } : {}),
        ...(draw.chance(60) ? { rank: draw.one(['1', '3', '8', 'x', '9223372036854775808']) } : {}),
      },
    },
    spec: { taints, ...(draw.chance(12) ? { unschedulable: true } : {}) },
    status: { capacity, allocatable: capacity },
  };
}

const labels = (draw: Draw): Part => ({
  ...(draw.chance(85) ? { app: draw.one(APPS) } : {}),
  ...(draw.chance(50) ? { team: draw.one(TEAMS) } : {}),
  ...(draw.chance(50) ? { stage: draw.one(['test', 'live']) } : {}),
});

/** Puts the parts of several rules into one Pod. */
function podOf(draw: Draw, name: string, parts: readonly RulePart[], more: Part = {}): Part {
  const merge = (field: 'spec' | 'affinity' | 'container'): Part =>
    Object.assign({}, ...parts.map((part) => part[field]));
  const { initContainers, moreContainers, podLevel, ...spec } = merge('spec');
  const containers = [
    { name: 'main', image: 'none', ...merge('container') },
    ...((moreContainers as Part[] | undefined) ?? []),
  ];
  const sum = { cpu: '8', memory: '8Gi' };
  const volumes = parts
    .flatMap((part) => part.volumes ?? [])
    .map((source, i) => ({ name: `volume-${i}`, ...source }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: draw.one(NAMESPACE_NAMES), labels: labels(draw) },
    spec: {
      containers,
      ...(initContainers ? { initContainers } : {}),
      ...(podLevel ? { resources: draw.chance(50) ? { requests: sum } : { limits: sum } } : {}),
      ...spec,
      affinity: merge('affinity'),
      ...(volumes.length > 0 ? { volumes } : {}),
      terminationGracePeriodSeconds: 3600,
      ...more,
    },
  };
}

/** Statuses that change what a Pod takes: it has ended, or is in the middle of a resize. */
function randomStatus(draw: Draw): Part | undefined {
  if (draw.chance(12)) return { phase: draw.one(['Succeeded', 'Failed']) };
  if (!draw.chance(15)) return undefined;
  const amounts = { cpu: draw.one(['100m', '1', '3']), memory: draw.one(['64Mi', '3Gi']) };
  const status = { name: 'main', image: 'none', imageID: '', ready: true, restartCount: 0 };
  return {
    phase: 'Running',
    ...(draw.chance(50)
      ? {
          conditions: [
            { type: 'PodResizePending', status: 'True', reason: draw.one(['Infeasible', 'Deferred']) },
          ],
        }
      : {}),
    containerStatuses: [
      {
        ...status,
        allocatedResources: amounts,
        ...(draw.chance(50) ? { resources: { requests: { ...amounts, cpu: '2' } } } : {}),
      },
    ],
  };
}

/** What bound Pods are drawn with beside requests: what they mean for others. */
const STANDING_RULES = ['RuntimeClass', 'host ports', 'pod affinity', 'pod anti-affinity', 'topology spread'];

/** What is made for the ephemeral volume of a Pod. */
function ephemeralOf(draw: Draw, pod: Part, nodes: readonly string[]): Probe['ephemeral'] {
  const { name, namespace } = pod['metadata'] as { name: string; namespace: string };
  const { volumes = [] } = pod['spec'] as { volumes?: readonly { name: string; ephemeral?: Part }[] };
  const kind = EPHEMERALS.find((each) => volumes.some((volume) => volume.ephemeral && volume.name === each));
  return kind && ephemeralClaim(draw, namespace, `${name}-${kind}`, kind, nodes);
}

/** Draws a cluster. @param probes number of Pods that look for a node */
export function randomCluster(draw: Draw, probes: number): RandomCluster {
  const names = draw.times(6 + draw.below(9), (i) => `diff-${i}`);
  const part = (rule: string) => RULES[rule]!(draw, names);
  const standing = draw.times(10 + draw.below(30), (i): Standing => {
    const rules = draw.chance(30) ? [draw.one(STANDING_RULES)] : [];
    const volumes = draw.chance(35) ? [claimed(draw, [...CLAIMS.single, ...CLAIMS.attached])] : [];
    const parts = [{ container: randomResources(draw) }, ...rules.map(part), ...volumes];
    return {
      pod: podOf(draw, `standing-${i}`, parts, { nodeName: draw.one(names) }),
      status: randomStatus(draw),
      leaving: draw.chance(12),
    };
  });
  return {
    nodes: names.map((name) => randomNode(draw, name)),
    standing,
    storage: randomStorage(draw, names),
    probes: draw.times(probes, (i): Probe => {
      const rules = draw.some(Object.keys(RULES), 1, 3);
      const pod = podOf(draw, `probe-${i}`, rules.map(part));
      return { pod, rules, ephemeral: ephemeralOf(draw, pod, names) };
    }),
  };
}
