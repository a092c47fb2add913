import { ANNOTATION, API_VERSION, LABEL } from '../api/group.ts';
import type { Launch } from '../allocator/placing/offer.ts';
import type { Container, ContainerPort, Meta, OwnerReference, PodSpec } from '../snapshot/reading/objects.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { FrameworkKind } from '../snapshot/framework-id.ts';
import type { Labels } from '../snapshot/reading/selector.ts';

/** A Pod as it is sent to the API server. */
export interface PodManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: Meta;
  readonly spec: PodSpec;
}

/** What tells a task who it is. */
export interface Marks {
  /** Labels of its Pod, beside those that every task has. */
  readonly labels: Labels;
  /** Variables that its containers get. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

/** What a plan asks of the driver of a kind. */
export interface Making {
  /** It is asked of those whose Pods we make. */
  marks(framework: Framework, launch: Launch): Marks;
}

/** The drivers, as far as plans ask them: one for each kind. */
export type Makers = ReadonlyMap<FrameworkKind, Making>;

/** The container ports that publish the offer's host ports, in place of plain entries for the same ports. */
function publish(
  container: Container,
  { demandClass }: Launch['offer'],
  hostPorts: readonly number[],
): ContainerPort[] {
  const published = demandClass.shape.dynamicPorts.flatMap(
    ({ name, containerPort, protocol }, p): ContainerPort[] => {
      const hostPort = hostPorts[p]!;
      if (protocol !== 'TCPUDP') return [{ name, containerPort, hostPort, protocol }];
      // Port names are unique in a Pod, so the second entry of the pair has none.
      return [
        { name, containerPort, hostPort, protocol: 'UDP' },
        { containerPort, hostPort, protocol: 'TCP' },
      ];
    },
  );
  const replaced = (own: ContainerPort) =>
    published.some((p) => p.containerPort === own.containerPort && p.protocol === (own.protocol ?? 'TCP'));
  return [...published, ...(container.ports ?? []).filter((own) => !replaced(own))];
}

function ownerOf({ kind, metadata }: Framework): OwnerReference {
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
 * @param node name of the offer's agent
 * @param bootId of the agent; undefined when it does not say
 */
export function podManifest(
  framework: Framework,
  launch: Launch,
  makers: Makers,
  node: string,
  bootId?: string,
): PodManifest {
  const { offer, vacancy } = launch;
  const { shape } = offer.demandClass;
  const template = shape.template!;
  const { metadata } = framework;
  const spec = template.spec as unknown as PodSpec;
  const { labels, environment: env } = makers.get(framework.kind)!.marks(framework, launch);
  // Ours come first, so that the user's own variables can refer to them, and cannot be set to something else.
  const ours = new Set<unknown>(env.map((e) => e.name));
  const withEnv = (own: Container['env'] = []) => [...env, ...own.filter((e) => !ours.has(e['name']))];
  const [main, ...others] = spec.containers.map((c) => ({ ...c, env: withEnv(c.env) }));
  const first = { ...main!, ports: publish(main!, offer, launch.ports) };
  const ports = shape.dynamicPorts.map((p, i) => `${p.name}=${launch.ports[i]}/${p.protocol}`).join(',');
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
        [ANNOTATION.role]: framework.role,
        ...(bootId === undefined ? {} : { [ANNOTATION.boot]: bootId }),
        ...(vacancy.failures > 0 ? { [ANNOTATION.failures]: String(vacancy.failures) } : {}),
        ...(framework.noticeSeconds > 0 ? { [ANNOTATION.notice]: String(framework.noticeSeconds) } : {}),
        ...(ports ? { [ANNOTATION.ports]: ports } : {}),
      },
      ownerReferences: [ownerOf(framework)],
    },
    spec: { ...spec, containers: [first, ...others], restartPolicy: 'Never', nodeName: node },
  };
}
