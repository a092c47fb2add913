import type { ClassTrouble } from './class-trouble.ts';
import { record } from '../lib/record.ts';
import type { NamedObject, PodSpec, ResourceMap, Toleration } from './reading/objects.ts';
import { readerOf, textMap } from './reading/meta.ts';
import { resourceMap, toleration } from './reading/pod-spec.ts';
import { list, object, type Faulty } from './reading/schema.ts';
import { amountsOf, saturatingAdd, type Amounts } from './resources.ts';
import type { TaskShape } from './workload.ts';

/** A RuntimeClass as the API server sends it. */
export interface RawRuntimeClass extends NamedObject {
  readonly overhead?: { readonly podFixed?: ResourceMap };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
  };
}

/** What Proffer keeps of a RuntimeClass: what admission adds to Pods that name it. */
export interface RuntimeClassFacts extends Faulty {
  /** Store key: the name of the class. */
  readonly key: string;
  /** What each Pod takes beside its containers, as the class says it; undefined when it says nothing. */
  readonly podFixed: ResourceMap | undefined;
  /** The same in whole units, rounded up. */
  readonly overhead: Amounts;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

const readRuntimeClass = readerOf<RawRuntimeClass>({
  overhead: object<NonNullable<RawRuntimeClass['overhead']>>({ podFixed: resourceMap }),
  scheduling: object<NonNullable<RawRuntimeClass['scheduling']>>({
    nodeSelector: textMap,
    tolerations: list(toleration),
  }),
});

/** Reads a RuntimeClass. */
export function runtimeClassFacts(raw: object): RuntimeClassFacts {
  const { object: its, faults } = readRuntimeClass(raw);
  const { metadata, overhead, scheduling } = its;
  return {
    faults,
    key: metadata.name,
    podFixed: overhead?.podFixed,
    overhead: amountsOf(overhead?.podFixed, 'up'),
    nodeSelector: scheduling?.nodeSelector ?? record(),
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
export function runtimeTrouble(
  spec: PodSpec,
  known: RuntimeClassFacts | undefined,
): ClassTrouble | undefined {
  const { runtimeClassName: name, overhead } = spec;
  const nodeSelector = spec.nodeSelector ?? {};
  if (name && !known) {
    const what = `there is no RuntimeClass "${name}"`;
    return { field: 'runtimeClassName', what, cure: 'create it, or name another' };
  }
  if (!isEmpty(overhead) && !sameAmounts(amountsOf(overhead, 'up'), known?.overhead ?? {})) {
    const what = 'is not what its RuntimeClass says';
    return { field: 'overhead', what, cure: 'remove it, the API server adds it to each Pod' };
  }
  for (const [key, value] of Object.entries(known?.nodeSelector ?? {})) {
    if (nodeSelector[key] === undefined || nodeSelector[key] === value) continue;
    const what = `"${nodeSelector[key]}" conflicts with "${value}" of RuntimeClass "${name}"`;
    return { field: `nodeSelector[${key}]`, what, cure: 'remove it' };
  }
  return undefined;
}

function plus(demand: Amounts, overhead: Amounts): Amounts {
  const sum = record(demand);
  for (const name in overhead) sum[name] = saturatingAdd(sum[name] ?? 0, overhead[name]!);
  return sum;
}

/** Shapes that were made of a shape and a class, so that an unchanged pair is merged once. */
const merged = new WeakMap<RuntimeClassFacts, WeakMap<TaskShape, TaskShape>>();

/**
 * A shape with what admission adds to its Pods. The overhead goes into the template too: a Pod counts by what it was
 * made with until the watch brings it back.
 * @param spec what the shape was made of
 */
export function withRuntimeClass(
  shape: TaskShape,
  spec: PodSpec,
  runtimeClass: RuntimeClassFacts,
): TaskShape {
  let ofClass = merged.get(runtimeClass);
  if (!ofClass) merged.set(runtimeClass, (ofClass = new WeakMap()));
  const known = ofClass.get(shape);
  if (known) return known;
  const made = merge(shape, spec, runtimeClass);
  ofClass.set(shape, made);
  return made;
}

function merge(
  shape: TaskShape,
  spec: PodSpec,
  { podFixed, overhead, nodeSelector, tolerations }: RuntimeClassFacts,
): TaskShape {
  const { template, constraints } = shape;
  return {
    ...shape,
    ...(template && podFixed
      ? { template: { ...template, spec: { ...template.spec, overhead: podFixed } } }
      : {}),
    demand: isEmpty(spec.overhead) ? plus(shape.demand, overhead) : shape.demand,
    constraints: {
      ...constraints,
      nodeSelector: record(constraints.nodeSelector, nodeSelector),
      tolerations: [...constraints.tolerations, ...tolerations],
    },
  };
}
