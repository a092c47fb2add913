import type { PodSpec, ResourceMap, Toleration } from './objects.ts';
import { amountsOf, saturatingAdd, type Amounts } from './resources.ts';
import type { RawObject, TaskShape } from './workload.ts';

/** A RuntimeClass as the API server sends it. */
export interface RawRuntimeClass extends RawObject {
  readonly overhead?: { readonly podFixed?: ResourceMap };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
  };
}

/** What Proffer keeps of a RuntimeClass: what admission adds to Pods that name it. */
export interface RuntimeClassFacts {
  /** Store key: the name of the class. */
  readonly key: string;
  /** What each Pod takes beside its containers, as the class says it; undefined when it says nothing. */
  readonly podFixed: ResourceMap | undefined;
  /** The same in whole units, rounded up. */
  readonly overhead: Amounts;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

/** Reads a RuntimeClass. @throws QuantityError when its overhead cannot be read */
export function runtimeClassFacts({ metadata, overhead, scheduling }: RawRuntimeClass): RuntimeClassFacts {
  return {
    key: metadata.name,
    podFixed: overhead?.podFixed,
    overhead: amountsOf(overhead?.podFixed, 'up'),
    nodeSelector: scheduling?.nodeSelector ?? {},
    tolerations: scheduling?.tolerations ?? [],
  };
}

const isEmpty = (map: object | undefined): boolean => Object.keys(map ?? {}).length === 0;

/** Equal in the units of the columns: what differs by less the API server tells apart. */
function sameAmounts(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/**
 * Why the API server would refuse the Pods of a template for its RuntimeClass; undefined when it would not.
 * @param known the class that it names, if there is one
 */
export function runtimeTrouble(spec: PodSpec, known: RuntimeClassFacts | undefined): string | undefined {
  const { runtimeClassName: name, overhead } = spec;
  const nodeSelector = spec.nodeSelector ?? {};
  if (name && !known)
    return `template.spec.runtimeClassName: there is no RuntimeClass "${name}": create it, or name another`;
  if (!isEmpty(overhead) && !sameAmounts(amountsOf(overhead, 'up'), known?.overhead ?? {}))
    return 'template.spec.overhead: is not what its RuntimeClass says: remove it, the API server adds it to each Pod';
  for (const [key, value] of Object.entries(known?.nodeSelector ?? {})) {
    if (nodeSelector[key] !== undefined && nodeSelector[key] !== value)
      return `template.spec.nodeSelector[${key}]: "${nodeSelector[key]}" conflicts with "${value}" of RuntimeClass "${name}": remove it`;
  }
  return undefined;
}

function plus(demand: Amounts, overhead: Amounts): Amounts {
  const sum: Record<string, number> = { ...demand };
  for (const name in overhead) sum[name] = saturatingAdd(sum[name] ?? 0, overhead[name]!);
  return sum;
}

/** Shapes that were made of a shape and a class, so that an unchanged pair is merged once. */
const merged = new WeakMap<RuntimeClassFacts, WeakMap<TaskShape, TaskShape>>();

/**
 * A shape with what admission adds to its Pods. The overhead goes into the template too: a Pod counts by what it was
 * made with until the watch brings it back.
 */
export function withRuntimeClass(shape: TaskShape, runtimeClass: RuntimeClassFacts): TaskShape {
  let ofClass = merged.get(runtimeClass);
  if (!ofClass) merged.set(runtimeClass, (ofClass = new WeakMap()));
  const known = ofClass.get(shape);
  if (known) return known;
  const made = merge(shape, runtimeClass);
  ofClass.set(shape, made);
  return made;
}

function merge(shape: TaskShape, { podFixed, overhead, nodeSelector, tolerations }: RuntimeClassFacts) {
  const { template, constraints } = shape;
  const counted = !isEmpty((template?.spec as PodSpec | undefined)?.overhead);
  return {
    ...shape,
    ...(template && podFixed
      ? { template: { ...template, spec: { ...template.spec, overhead: podFixed } } }
      : {}),
    demand: counted ? shape.demand : plus(shape.demand, overhead),
    constraints: {
      ...constraints,
      nodeSelector: { ...constraints.nodeSelector, ...nodeSelector },
      tolerations: [...constraints.tolerations, ...tolerations],
    },
  };
}
