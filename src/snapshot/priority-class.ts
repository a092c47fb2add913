import type { ClassTrouble } from './class-trouble.ts';
import type { NamedObject, PodSpec } from './reading/objects.ts';
import { readerOf } from './reading/meta.ts';
import { flag, text, whole, type Faulty } from './reading/schema.ts';

/** A PriorityClass as the API server sends it. */
export interface RawPriorityClass extends NamedObject {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: string;
}

/** What Proffer keeps of a PriorityClass. */
export interface PriorityClassFacts extends Rank, Faulty {
  /** Store key: the name of the class. */
  readonly key: string;
  /** Pods that name no class have this one. */
  readonly globalDefault: boolean;
}

/** Where Pods stand among others. */
export interface Rank {
  /** Higher goes first; up to 1,000,000,000 for users, above that for the system. */
  readonly priority: number;
  /** Others may be evicted for them. */
  readonly preempts: boolean;
}

/** The rank of Pods without a class, in a cluster without a default one. */
const UNCLASSED: Rank = { priority: 0, preempts: true };

const readPriorityClass = readerOf<RawPriorityClass>({
  value: whole,
  globalDefault: flag,
  preemptionPolicy: text,
});

/** Reads a PriorityClass. */
export function priorityClassFacts(raw: object): PriorityClassFacts {
  const { object, faults } = readPriorityClass(raw);
  const { metadata, value = 0, globalDefault = false, preemptionPolicy } = object;
  return {
    key: metadata.name,
    priority: value,
    preempts: preemptionPolicy !== 'Never',
    globalDefault,
    faults,
  };
}

/** The classes of a cluster, and what they make of a template, as the admission of the API server does it. */
export class PriorityClasses {
  readonly #byName = new Map<string, PriorityClassFacts>();
  /** Of several default classes, which only a race can make, the API server takes the lowest. */
  #default: PriorityClassFacts | undefined;

  constructor(classes: Iterable<PriorityClassFacts>) {
    for (const each of classes) {
      this.#byName.set(each.key, each);
      if (each.globalDefault && !(this.#default && this.#default.priority <= each.priority))
        this.#default = each;
    }
  }

  /** The rank of the Pods of a template; of a class that does not exist that of Pods without one. */
  rankOf({ priorityClassName }: PodSpec): Rank {
    return (priorityClassName ? this.#byName.get(priorityClassName) : this.#default) ?? UNCLASSED;
  }

  /** Why the API server would refuse the Pods of a template; undefined when it would not. */
  troubleOf(spec: PodSpec): ClassTrouble | undefined {
    const { priorityClassName: name, priority, preemptionPolicy } = spec;
    if (name && !this.#byName.has(name)) {
      const what = `there is no PriorityClass "${name}"`;
      return { field: 'priorityClassName', what, cure: 'create it, or name another' };
    }
    const rank = this.rankOf(spec);
    const differs = (field: string, given: unknown, due: unknown): ClassTrouble => {
      const what = `${String(given)} is not what its PriorityClass says (${String(due)})`;
      return { field, what, cure: 'remove it' };
    };
    if (typeof priority === 'number' && priority !== rank.priority)
      return differs('priority', priority, rank.priority);
    const policy = rank.preempts ? 'PreemptLowerPriority' : 'Never';
    if (preemptionPolicy && preemptionPolicy !== policy)
      return differs('preemptionPolicy', preemptionPolicy, policy);
    return undefined;
  }
}
