import { LABEL, SCHEDULER_NAME } from '../api/group.ts';
import { fnv1a } from '../lib/hash.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';
import type { ContainerPort, PodSpec } from '../snapshot/reading/objects.ts';
import type { TaskShape } from '../snapshot/workload.ts';
import { ownerOf, withOwnVolumes, type PodManifest } from './pod.ts';

/** What the name of the stand-ins of a class begins with: another one for each template. */
export const standInBase = ({ metadata }: Framework, group: string, { revision }: TaskShape): string =>
  `${metadata.name}-s${fnv1a(`${metadata.uid}/${group}/${revision}`)}`;

/** The part of a PodSpec that is changed here, as it was sent. */
interface SentSpec {
  readonly containers: readonly { readonly ports?: readonly ContainerPort[] }[];
  readonly volumes?: readonly { readonly name: string }[];
}

/** Host ports that a task has on every node: a node takes one such task, which node autoscalers have to see. */
const fixedPorts = ({ ports }: TaskShape): ContainerPort[] =>
  ports.flatMap(({ policy, containerPort = 0, hostPort, protocol }) => {
    if (policy !== 'Static' || hostPort === undefined) return [];
    const protocols = protocol === 'TCPUDP' ? ['UDP', 'TCP'] : [protocol];
    return protocols.map((each) => ({ containerPort, hostPort, protocol: each }));
  });

/**
 * A Pod that stands for a task which finds no room, so that node autoscalers see what is missing: the task's template, without a
 * node and without host ports out of an offer. It is never placed, and no selector of ours takes it for a task.
 * @param name the same in every run for the same stand-in
 */
export function standInPod(
  framework: Framework,
  { shape, pending }: Pick<DemandClass, 'shape' | 'pending'>,
  name: string,
): PodManifest {
  const { metadata } = framework;
  const { template } = shape;
  const spec = template!.spec as unknown as SentSpec;
  const fixed = fixedPorts(shape);
  const [first, ...others] = spec.containers;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: metadata.namespace ?? '',
      labels: { ...template!.metadata?.labels, [LABEL.standIn]: metadata.name },
      ownerReferences: [ownerOf(framework)],
    },
    spec: {
      ...spec,
      containers: [{ ...first, ports: [...(first?.ports ?? []), ...fixed] }, ...others],
      ...withOwnVolumes(spec, pending.at(0) ?? {}),
      restartPolicy: 'Never',
      schedulerName: SCHEDULER_NAME,
    } as unknown as PodSpec,
  };
}
