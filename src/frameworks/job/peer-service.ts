import { LABEL } from '../../api/group.ts';
import type { TaskService } from '../../snapshot/task-service.ts';
import { jobEnded } from './seen.ts';
import type { JobFacts } from './facts.ts';

/** The Service by which the workers of a job are found; undefined when none is to be made. */
export function peerService(job: JobFacts): TaskService | undefined {
  const { metadata, spec, peers } = job;
  const isUsed = peers.groups.some(({ subdomain }) => subdomain === metadata.name);
  if (spec.network?.service === 'None' || !isUsed || jobEnded(job)) return undefined;
  return {
    labels: { [LABEL.job]: metadata.name },
    annotations: {},
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      selector: { [LABEL.peers]: metadata.name },
      // Workers wait for each other before they are ready.
      publishNotReadyAddresses: true,
    },
  };
}
