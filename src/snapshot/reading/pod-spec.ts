import type {
  Affinity,
  Container,
  ContainerPort,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  PreferredSchedulingTerm,
  Resources,
  Toleration,
  TopologySpreadConstraint,
  Volume,
} from './objects.ts';
import { labelSelector, requirement, textMap, texts } from './meta.ts';
import {
  flag,
  list,
  mapOf,
  object,
  present,
  quantity,
  reference,
  text,
  whole,
  type Schema,
} from './schema.ts';

export const resourceMap = mapOf(quantity);
export const resources = object<Resources>({ requests: resourceMap, limits: resourceMap });

const port = object<ContainerPort>({
  name: text,
  containerPort: whole,
  hostPort: whole,
  protocol: text,
  hostIP: text,
});

/** @param env reads the environment, which only a template is asked for */
const container = (env: Schema<NonNullable<Container['env']>>): Schema<Container> =>
  object<Container>(
    {
      name: text,
      restartPolicy: text,
      restartPolicyRules: list(
        object({ action: text, exitCodes: object({ operator: text, values: list(whole) }) }, ['action']),
      ),
      ports: list(port),
      env,
      resources,
    },
    ['name'],
  );

export const nodeSelectorTerm = object<NodeSelectorTerm>({
  matchExpressions: list(requirement),
  matchFields: list(requirement),
});
const nodeSelectorTerms = object<{ readonly nodeSelectorTerms: readonly NodeSelectorTerm[] }>(
  { nodeSelectorTerms: list(nodeSelectorTerm) },
  ['nodeSelectorTerms'],
);

const podAffinityTerm = object<PodAffinityTerm>(
  {
    topologyKey: text,
    labelSelector,
    namespaces: texts,
    namespaceSelector: labelSelector,
    matchLabelKeys: texts,
    mismatchLabelKeys: texts,
  },
  ['topologyKey'],
);
const podAffinity = object<PodAffinity>({
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    object<{ readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }>(
      { weight: whole, podAffinityTerm },
      ['weight', 'podAffinityTerm'],
    ),
  ),
});

const affinity = object<Affinity>({
  nodeAffinity: object<NonNullable<Affinity['nodeAffinity']>>({
    requiredDuringSchedulingIgnoredDuringExecution: nodeSelectorTerms,
    preferredDuringSchedulingIgnoredDuringExecution: list(
      object<PreferredSchedulingTerm>({ weight: whole, preference: nodeSelectorTerm }, [
        'weight',
        'preference',
      ]),
    ),
  }),
  podAffinity,
  podAntiAffinity: podAffinity,
});

export const toleration = object<Toleration>({ key: text, operator: text, value: text, effect: text });

const spread = object<TopologySpreadConstraint>(
  {
    maxSkew: whole,
    topologyKey: text,
    whenUnsatisfiable: text,
    labelSelector,
    minDomains: whole,
    nodeAffinityPolicy: text,
    nodeTaintsPolicy: text,
    matchLabelKeys: texts,
  },
  ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
);

const claimName = object<{ readonly claimName: string }>({ claimName: text }, ['claimName']);
const volumeSources = mapOf(present);

/** What a volume is made of is told by the names of its fields; only a claim is looked into. */
const volume: Schema<Volume> = (value, reading) => {
  const fields = volumeSources(value, reading);
  if (!fields) return undefined;
  const { name, persistentVolumeClaim: claim } = value as Readonly<Record<string, unknown>>;
  return {
    name: reading.at('name', name, text) ?? '',
    claim: reading.at('persistentVolumeClaim', claim, claimName)?.claimName,
    sources: Object.keys(fields).filter((field) => field !== 'name'),
  };
};

function podSpecWith(env: Schema<NonNullable<Container['env']>>): Schema<PodSpec> {
  const fields = object<Omit<PodSpec, 'containers'> & Partial<Pick<PodSpec, 'containers'>>>({
    nodeName: reference,
    containers: list(container(env)),
    initContainers: list(container(env)),
    overhead: resourceMap,
    resources,
    nodeSelector: textMap,
    affinity,
    tolerations: list(toleration),
    topologySpreadConstraints: list(spread),
    readinessGates: list(
      object<{ readonly conditionType: string }>({ conditionType: text }, ['conditionType']),
    ),
    restartPolicy: text,
    hostNetwork: flag,
    hostUsers: flag,
    schedulerName: text,
    schedulingGates: list(object<{ readonly name: string }>({ name: text }, ['name'])),
    priorityClassName: reference,
    priority: whole,
    preemptionPolicy: text,
    runtimeClassName: reference,
    volumes: list(volume),
  });
  return (value, reading) => {
    const spec = fields(value, reading);
    if (!spec) return undefined;
    if (!spec.containers && reading.faults.length === 0)
      reading.fault('has no containers, a list of at least one');
    // Without any it still takes its place on its node.
    return { ...spec, containers: spec.containers ?? [] };
  };
}

/** The PodSpec of a Pod. Its environment says nothing to us and is not kept. */
export const podSpec = podSpecWith(() => undefined);

/** The PodSpec of a template, of which Pods are made. */
export const templateSpec = podSpecWith(list(object<{ readonly name: string }>({ name: text }, ['name'])));
