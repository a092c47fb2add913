import type { Eviction } from '../../api/pool/eviction.ts';
import type { TaskShape } from '../../snapshot/workload.ts';

const CLUSTER_AUTOSCALER = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const KARPENTER = 'karpenter.sh/do-not-disrupt';

/**
 * What node autoscalers read on a server. It stands there from its birth, for life: one that is flipped when players come
 * would lose against an eviction that is on its way. Karpenter has one word for upgrades and for saving nodes, so that
 * OnUpgrade leaves the choice to the budgets of its NodePool.
 */
const EVICTION_ANNOTATIONS: Readonly<Record<Eviction['policy'], Readonly<Record<string, string>>>> = {
  Never: { [CLUSTER_AUTOSCALER]: 'false', [KARPENTER]: 'true' },
  OnUpgrade: { [CLUSTER_AUTOSCALER]: 'false' },
  Always: { [CLUSTER_AUTOSCALER]: 'true' },
};

/** A shape whose Pods say what the policy lets node autoscalers do; what the template says of it wins. Its revision stays. */
export function withEviction(shape: TaskShape, { policy }: Eviction): TaskShape {
  const { template } = shape;
  if (!template) return shape;
  const annotations = { ...EVICTION_ANNOTATIONS[policy], ...template.metadata?.annotations };
  return { ...shape, template: { ...template, metadata: { ...template.metadata, annotations } } };
}
