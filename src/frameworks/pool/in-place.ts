import type { PodTemplate } from '../../api/template.ts';
import { canonicalJson, fnv1a } from '../../lib/hash.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { REFUSED } from '../../snapshot/changing.ts';
import type { TaskShape } from '../../snapshot/workload.ts';
import { mayGo } from './deletion-order.ts';
import { isOutdated } from './rollout.ts';

/** What of the resources of a container Kubernetes changes while it runs. */
const RESIZABLE: ReadonlySet<string> = new Set(['cpu', 'memory']);

/** A value that may change; that it is there may not. */
const ANY = '*';

type Json = Readonly<Record<string, unknown>>;

/** An object whose values of some names may change. */
const loose = (map: unknown, isLoose: (name: string) => boolean = () => true): unknown =>
  map && Object.fromEntries(Object.entries(map).map(([name, value]) => [name, isLoose(name) ? ANY : value]));

const fixedContainer = ({ resources, ...container }: Json): Json => {
  const amounts = (field: 'requests' | 'limits') =>
    loose((resources as Json | undefined)?.[field], (name) => RESIZABLE.has(name));
  return {
    ...container,
    image: ANY,
    resources: resources && { ...resources, requests: amounts('requests'), limits: amounts('limits') },
  };
};

/**
 * Hash of what of a template no running server can take over: all but images, cpu and memory of its containers, and values of
 * labels and annotations. Init containers have run, and sidecars among them are left alone.
 */
export function fixedPartOf({ template, ports, query }: TaskShape): string {
  const { metadata, spec } = template as PodTemplate;
  const labels = loose(metadata?.labels);
  const annotations = loose(metadata?.annotations);
  const containers = (spec.containers as readonly Json[]).map(fixedContainer);
  return fnv1a(
    canonicalJson({
      template: {
        ...template,
        metadata: { ...metadata, labels, annotations },
        spec: { ...spec, containers },
      },
      ports,
      query,
    }),
  );
}

/**
 * Whether a server can be brought to a template in place: it runs, and differs in nothing else. Whether its node has room for
 * one that is to grow is found out in the picture of the cycle.
 */
export const canChange = ({ phase, task }: TaskPod, { fixedPart }: TaskShape): boolean =>
  phase === 'Running' && !task.changing && task.fixedPart === fixedPart;

/** Why the API server lets a server of an older template not be changed, in its words; undefined when it refused none. */
export function refusalIn(live: readonly TaskPod[], revision: string): string | undefined {
  const refused = live.find(
    ({ task }) => task.fixedPart.startsWith(REFUSED) && mayGo(task) && isOutdated(task, revision),
  );
  return refused?.task.fixedPart.slice(REFUSED.length);
}
