import type { Launch } from '../allocator/placing/offer.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Meta } from '../snapshot/reading/objects.ts';
import type { OwnClaim } from '../snapshot/volumes/own-volumes.ts';
import { ownerOf, type Makers } from './pod.ts';

/** A PersistentVolumeClaim as it is sent to the API server. */
export interface ClaimManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolumeClaim';
  readonly metadata: Meta;
  readonly spec: object;
}

/**
 * A claim that a task has for itself, made before the task. Labels say of which workload it is, and of which slot; or an
 * annotation of which Pod, whose it is to be when that exists. Until then it goes with the workload; so does one of a slot
 * whose workload says that it does: from the create on, since the workload may be deleted in the next moment.
 */
export function claimManifest(
  framework: Framework,
  launch: Launch,
  agent: AgentFacts,
  { name, volume: { staysWith, isOwned, template } }: OwnClaim,
  makers: Makers,
): ClaimManifest {
  const { labels, annotations } = template.metadata ?? {};
  const { vacancy } = launch;
  const isOfSlot = staysWith === 'slot';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: framework.metadata.namespace ?? '',
      labels: {
        ...labels,
        ...makers.get(framework.kind)!.marks(framework, launch, agent).labels,
        ...(isOfSlot ? { [LABEL.slot]: String(vacancy.slot) } : {}),
      },
      annotations: { ...annotations, ...(isOfSlot ? {} : { [ANNOTATION.madeFor]: vacancy.name }) },
      ...(isOwned ? { ownerReferences: [ownerOf(framework)] } : {}),
    },
    spec: template.spec,
  };
}
