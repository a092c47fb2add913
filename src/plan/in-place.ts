import { COUNTER_PREFIX, LABEL } from '../api/group.ts';
import type { PodTemplate } from '../api/template.ts';
import type { Pod, ResourceMap, Resources } from '../snapshot/reading/objects.ts';
import { thousandthsOf } from '../snapshot/resources.ts';

/** A container, as far as it can be changed. */
interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: Resources;
}

/** A Pod as the API server has it, as far as it matters here. */
export interface ChangedPod {
  readonly metadata: Pod['metadata'];
  readonly spec: { readonly containers: readonly Container[] };
  readonly status?: Pod['status'];
}

/** What brings a Pod to a template in place, as strategic merge patches. */
export interface InPlace {
  /** For its subresource `resize`; undefined when its resources are those of the template. */
  readonly resize: object | undefined;
  /** For the Pod itself. */
  readonly spec: object;
  readonly metadata: { readonly labels: object; readonly annotations: object };
  /** Containers that are started anew and run now: their ids, by name. */
  readonly restarted: ReadonlyMap<string, string>;
}

const only = ({ cpu, memory }: ResourceMap): ResourceMap => ({
  ...(cpu === undefined ? {} : { cpu }),
  ...(memory === undefined ? {} : { memory }),
});

/** The cpu and memory of a container, as the API server has them: what only a limit is given for is asked for, too. */
const amountsOf = ({ requests, limits }: Resources = {}) => ({
  requests: only({ ...limits, ...requests }),
  limits: only(limits ?? {}),
});

/** Whether a container has what it should have; what it was given beside that stays. */
function hasAmounts(own: Container | undefined, wanted: ReturnType<typeof amountsOf>): boolean {
  return (['requests', 'limits'] as const).every((field) => {
    const has = thousandthsOf(own?.resources?.[field]);
    return Object.entries(thousandthsOf(wanted[field])).every(([name, amount]) => has[name] === amount);
  });
}

/**
 * What is to be done to a Pod to make it one of a template that differs in nothing else.
 */
export function inPlace({ spec, status }: ChangedPod, template: PodTemplate, revision: string): InPlace {
  const wanted = template.spec.containers as readonly Container[];
  const ownOf = (name: string) => spec.containers.find((each) => each.name === name);
  const resized = wanted.flatMap(({ name, resources }) => {
    const amounts = amountsOf(resources);
    return hasAmounts(ownOf(name), amounts) ? [] : [{ name, resources: amounts }];
  });
  const images = wanted.filter(({ name, image }) => image !== undefined && image !== ownOf(name)?.image);
  const idOf = (name: string) => status?.containerStatuses?.find((each) => each.name === name)?.containerID;
  const { labels, annotations = {} } = template.metadata ?? {};
  // What a server counts begins anew with its container, and with nothing else.
  const own = Object.entries(annotations).filter(
    ([name]) => images.length > 0 || !name.startsWith(COUNTER_PREFIX),
  );
  return {
    resize: resized.length === 0 ? undefined : { containers: resized },
    spec: images.length === 0 ? {} : { containers: images.map(({ name, image }) => ({ name, image })) },
    metadata: { labels: { ...labels, [LABEL.revision]: revision }, annotations: Object.fromEntries(own) },
    restarted: new Map(images.flatMap(({ name }) => (idOf(name) ? [[name, idOf(name)!]] : []))),
  };
}
