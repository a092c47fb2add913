import { LABEL } from '../../api/group.ts';
import type { PodTemplate } from '../../api/template.ts';
import type { Meta } from '../../snapshot/reading/objects.ts';

/** Label by which Kubernetes names a namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** The part of a PodSpec that this adds to; the rest stays as it is. */
interface Affine {
  readonly affinity?: { readonly podAntiAffinity?: { readonly [REQUIRED]?: readonly object[] } };
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/**
 * A template whose Pods have a domain for their job alone: no worker of another job is where one of them is. It is a rule about
 * other Pods as people could write it, which keeps these from coming, too. Tasks of no job may be there.
 * @param key label of nodes whose values are the domains
 */
export function exclusiveTemplate(
  template: PodTemplate,
  key: string,
  { name, namespace = '' }: Meta,
): PodTemplate {
  const { affinity = {} } = template.spec as Affine;
  const isWorker = { key: LABEL.job, operator: 'Exists' };
  const terms = [
    {
      topologyKey: key,
      labelSelector: { matchExpressions: [isWorker, { key: LABEL.job, operator: 'NotIn', values: [name] }] },
    },
    {
      topologyKey: key,
      labelSelector: { matchExpressions: [isWorker] },
      namespaceSelector: {
        // Who does not know the labels of a namespace must not take the job for another one.
        matchExpressions: [
          { key: NAMESPACE_NAME, operator: 'Exists' },
          { key: NAMESPACE_NAME, operator: 'NotIn', values: [namespace] },
        ],
      },
    },
  ];
  const podAntiAffinity = {
    ...affinity.podAntiAffinity,
    [REQUIRED]: [...(affinity.podAntiAffinity?.[REQUIRED] ?? []), ...terms],
  };
  return { ...template, spec: { ...template.spec, affinity: { ...affinity, podAntiAffinity } } };
}
