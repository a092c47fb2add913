import { LABEL } from '../../api/group.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { Marking, Markings } from '../common/upkeep.ts';
import type { JobFacts } from './facts.ts';
import type { JobFound } from './found.ts';
import { peerLabels } from './peers.ts';

/**
 * Workers that may still run, such as one on a node that is cut off, while another has their rank and so their name.
 * @param pods all of the job @param live those that hold its ranks
 */
export function replacedAmong(pods: readonly TaskPod[], live: readonly TaskPod[]): TaskPod[] {
  if (pods.length === live.length) return [];
  const rankOf = ({ task: { group, slot } }: TaskPod): string => `${group}/${slot}`;
  const holders = new Map(live.map((pod) => [rankOf(pod), pod]));
  return pods.filter((pod) => !pod.terminal && (holders.get(rankOf(pod)) ?? pod).uid !== pod.uid);
}

/**
 * Who is found by the name of a rank: whoever holds it, those of versions without the label too, and nobody whom another replaces.
 * The cluster's DNS would give both addresses, and whoever asked for one of them would wait for a node that is cut off.
 */
export const peerMarkings: Markings = (workload, { live, found }) => {
  const { metadata, spec } = workload as JobFacts;
  const { replaced = [] } = (found as JobFound | undefined) ?? {};
  const isFound = ({ labels }: TaskPod): boolean => labels[LABEL.peers] === metadata.name;
  const byGroup = new Map(spec.groups.map((group) => [group.name, peerLabels(metadata.name, group)]));
  const mark = (pod: TaskPod, labels: Marking['metadata']['labels']): Marking => ({
    pod,
    metadata: { labels, annotations: {} },
  });
  return [
    ...replaced.filter(isFound).map((pod) => mark(pod, { [LABEL.peers]: null })),
    ...(live as readonly TaskPod[])
      .map((pod) => ({ pod, labels: byGroup.get(pod.task.group) ?? {} }))
      .filter(({ pod, labels }) => pod.uid !== '' && labels[LABEL.peers] !== undefined && !isFound(pod))
      .map(({ pod, labels }) => mark(pod, labels)),
  ];
};
