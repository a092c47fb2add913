import { ANNOTATION, API_VERSION, LABEL, POD_CONDITION } from '../api/group.ts';
import type { Launch } from '../allocator/placing/offer.ts';
import type { Container, ContainerPort, Meta, OwnerReference, PodSpec } from '../snapshot/reading/objects.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import type { Framework } from '../snapshot/framework.ts';
import { givenPorts, type GivenPort } from '../snapshot/given-ports.ts';
import type { FrameworkKind } from '../snapshot/framework-id.ts';
import type { Labels } from '../snapshot/reading/selector.ts';
import type { Vacancy } from '../snapshot/slots.ts';
import { withSecret, type SecretMount } from './secret-mount.ts';

/** A Pod as it is sent to the API server. */
export interface PodManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: Meta;
  readonly spec: PodSpec;
}

/** A variable of a container. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** What tells a task who it is. */
export interface Marks {
  /** Labels of its Pod, beside those that every task has. */
  readonly labels: Labels;
  /** Annotations of its Pod, beside those that every task has. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Finalizers of its Pod. */
  readonly finalizers?: readonly string[];
  /** Variables that its containers get. */
  readonly environment: readonly Variable[];
  /** Variables that they get where the template does not set them. */
  readonly defaults?: readonly Variable[];
  /** Its name in the cluster's DNS. */
  readonly dnsName?: { readonly hostname: string; readonly subdomain?: string };
  /** What its containers find beside that. */
  readonly mount?: SecretMount;
}

/** What a Pod is told of the agent that it is made for. */
export type Site = Pick<AgentFacts, 'name' | 'bootId' | 'addresses'>;

/** What a plan asks of the driver of a kind. */
export interface Making {
  /** It is asked of those whose Pods we make. */
  marks(framework: Framework, launch: Launch, agent: Site): Marks;
}

/** The drivers, as far as plans ask them: one for each kind. */
export type Makers = ReadonlyMap<FrameworkKind, Making>;

/** The container ports that publish host ports, in place of plain entries for the same ports. */
function publish(container: Container, ports: readonly GivenPort[]): ContainerPort[] {
  const published = ports.flatMap(({ name, containerPort, hostPort, protocol }): ContainerPort[] => {
    const numbers = { containerPort, ...(hostPort === undefined ? {} : { hostPort }) };
    if (protocol !== 'TCPUDP') return [{ name, ...numbers, protocol }];
    // Port names are unique in a Pod, so the second entry of the pair has none.
    return [
      { name, ...numbers, protocol: 'UDP' },
      { ...numbers, protocol: 'TCP' },
    ];
  });
  const replaced = (own: ContainerPort) =>
    published.some((p) => p.containerPort === own.containerPort && p.protocol === (own.protocol ?? 'TCP'));
  return [...published, ...(container.ports ?? []).filter((own) => !replaced(own))];
}

/** The readiness gates of the template, and that of servers that are asked whether they answer. */
const gated = ({ readinessGates = [] }: PodSpec) => [
  ...readinessGates,
  { conditionType: POD_CONDITION.answers },
];

/** A volume of a Pod, as it is sent. */
interface SentVolume {
  readonly name: string;
}

/**
 * The volumes of a task as part of its PodSpec: those of the template, and those that it has for itself as claims, which
 * are there.
 */
export function withOwnVolumes(
  { volumes = [] }: { readonly volumes?: readonly SentVolume[] },
  { claims, lacks }: Pick<Vacancy, 'claims' | 'lacks'>,
): object {
  if (claims === undefined) return {};
  const own = claims.map(({ name: claimName, volume: { name } }) =>
    // Nobody looks at one that is yet to be made, but for the name.
    lacks ? { name, emptyDir: {} } : { name, persistentVolumeClaim: { claimName } },
  );
  const isOwn = ({ name }: SentVolume): boolean => own.some((each) => each.name === name);
  return { volumes: [...volumes.filter((each) => !isOwn(each)), ...own] };
}

/** The owner reference of what is made for a workload. */
export function ownerOf({ kind, metadata }: Framework): OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/**
 * The Pod that an accepted offer becomes: the user's template, bound to the offer's node, with the offer's host ports
 * and all of Proffer's own state in labels and annotations.
 * @param makers say what is particular to the kind of the workload
 * @param agent of the offer
 */
export function podManifest(framework: Framework, launch: Launch, makers: Makers, agent: Site): PodManifest {
  const { offer, vacancy } = launch;
  const { shape } = offer.demandClass;
  const template = shape.template!;
  const { metadata } = framework;
  const spec = template.spec as unknown as PodSpec;
  const { name: node, bootId } = agent;
  const {
    labels,
    annotations,
    finalizers,
    environment: env,
    defaults = [],
    dnsName,
    mount,
  } = makers.get(framework.kind)!.marks(framework, launch, agent);
  // Ours come first, so that the user's own variables can refer to them, and cannot be set to something else.
  const ours = new Set<unknown>(env.map((e) => e.name));
  const withEnv = (own: Container['env'] = []) => [
    ...env,
    ...(defaults.length === 0
      ? defaults
      : defaults.filter(({ name }) => own.every((e) => e['name'] !== name))),
    ...own.filter((e) => !ours.has(e['name'])),
  ];
  const [main, ...others] = spec.containers.map((c) => ({ ...c, env: withEnv(c.env) }));
  const given = givenPorts(shape.ports, launch.ports);
  const first = { ...main!, ports: publish(main!, given) };
  const ports = given
    .flatMap(({ name, hostPort, protocol }) =>
      hostPort === undefined ? [] : [`${name}=${hostPort}/${protocol}`],
    )
    .join(',');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: vacancy.name,
      namespace: metadata.namespace ?? '',
      labels: {
        ...template.metadata?.labels,
        ...labels,
        [LABEL.slot]: String(vacancy.slot),
        [LABEL.revision]: shape.revision,
      },
      annotations: {
        ...template.metadata?.annotations,
        ...annotations,
        [ANNOTATION.role]: framework.role,
        ...(bootId === undefined ? {} : { [ANNOTATION.boot]: bootId }),
        ...(vacancy.failures > 0 ? { [ANNOTATION.failures]: String(vacancy.failures) } : {}),
        ...(framework.noticeSeconds > 0 ? { [ANNOTATION.notice]: String(framework.noticeSeconds) } : {}),
        ...(ports ? { [ANNOTATION.ports]: ports } : {}),
        ...(shape.query === undefined ? {} : { [ANNOTATION.query]: shape.query }),
      },
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [ownerOf(framework)],
    },
    spec: withSecret(
      {
        ...spec,
        ...dnsName,
        ...(shape.query === undefined ? {} : { readinessGates: gated(spec) }),
        ...withOwnVolumes(spec, vacancy),
        containers: [first, ...others],
        restartPolicy: 'Never',
        nodeName: node,
      },
      mount,
    ),
  };
}
