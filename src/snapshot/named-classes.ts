import { REASON } from '../api/conditions.ts';
import { troubleText, type ClassTrouble } from './class-trouble.ts';
import type { Draft } from './framework.ts';
import type { Hold } from './hold.ts';
import type { PodSpec } from './reading/objects.ts';
import { PriorityClasses, type PriorityClassFacts, type Rank } from './priority-class.ts';
import type { Account } from './role-account.ts';
import { runtimeTrouble, withRuntimeClass, type RuntimeClassFacts } from './runtime-class.ts';
import type { TaskShape, Workload } from './workload.ts';

/** What the classes that the templates of a workload name come to. */
export interface Standing extends Rank {
  /** With what their RuntimeClasses add. */
  readonly shapes: readonly TaskShape[];
  /** Its `spec.priority`, when that is more than it may have. */
  readonly asked: number | undefined;
  /** Set while the API server would refuse its Pods: a class does not exist, or contradicts the template. */
  readonly hold: Hold | undefined;
}

/** A workload that knows where it stands. */
export type Ranked<W extends Workload = Workload> = W & { readonly standing: Standing };

/** What bounds the priority of a workload, beside its classes. */
type Bounding = Pick<Account, 'maxPriority'>;

/** The classes of the cluster that Pods name: objects of their own, which come and go after the workloads. */
export class NamedClasses {
  readonly #priorities: PriorityClasses;
  readonly #runtimes: ReadonlyMap<string, RuntimeClassFacts>;

  constructor(priorities: Iterable<PriorityClassFacts>, runtimes: Iterable<RuntimeClassFacts>) {
    this.#priorities = new PriorityClasses(priorities);
    this.#runtimes = new Map(Array.from(runtimes, (each) => [each.key, each]));
  }

  /** A workload with what the classes, and the account that it draws on, make of it. */
  of(workload: Workload, account: Bounding): Ranked {
    const shapes = workload.groups.map(({ shape }) => shape);
    const standing = this.#standing(workload.spec.priority, shapes, account);
    const groups = workload.groups.map((group, g) => ({ ...group, shape: standing.shapes[g]! }));
    return { ...workload, groups, standing };
  }

  /** The shape that a Pod of a manifest gets when the API server takes it in; what it would be refused for is not supported. */
  admitted(shape: TaskShape, spec: PodSpec): TaskShape {
    const trouble = runtimeTrouble(spec, this.#runtimeOf(spec));
    if (trouble === undefined) return this.#merged(shape, spec);
    const unsupported = [...shape.unsupported, `spec.${trouble.field} (${trouble.what})`];
    return { ...shape, unsupported };
  }

  /**
   * Where a workload stands, and what its shapes become.
   * @param own its `spec.priority`, which goes before the classes when it is not 0, as far as its role lets it
   * @param shapes of a job one for each group: it goes by the least of them, since all are placed together
   */
  #standing(own: number, shapes: readonly TaskShape[], { maxPriority }: Bounding): Standing {
    const specs = shapes.map(({ spec }) => spec!);
    const ranks = specs.map((spec) => this.#priorities.rankOf(spec));
    // What cannot be read in a template is said already, and cannot be compared.
    const readable = specs.filter((_, i) => shapes[i]!.unsupported.length === 0);
    const troubles = readable.flatMap((spec) => this.#troubleOf(spec) ?? []);
    const ofClass = Math.min(...ranks.map(({ priority }) => priority));
    const bound = maxPriority ?? ofClass;
    return {
      shapes: shapes.map((shape, i) => this.#merged(shape, specs[i]!)),
      priority: own !== 0 ? Math.min(own, bound) : ofClass,
      asked: own > bound ? own : undefined,
      preempts: ranks.every(({ preempts }) => preempts),
      hold: troubles.length === 0 ? undefined : { reason: REASON.class, message: troubleText(troubles[0]!) },
    };
  }

  #runtimeOf = ({ runtimeClassName }: PodSpec): RuntimeClassFacts | undefined =>
    runtimeClassName ? this.#runtimes.get(runtimeClassName) : undefined;

  #troubleOf(spec: PodSpec): ClassTrouble | undefined {
    return this.#priorities.troubleOf(spec) ?? runtimeTrouble(spec, this.#runtimeOf(spec));
  }

  #merged(shape: TaskShape, spec: PodSpec): TaskShape {
    const runtimeClass = this.#runtimeOf(spec);
    return runtimeClass ? withRuntimeClass(shape, spec, runtimeClass) : shape;
  }
}

/**
 * Gives the draft of a workload its rank. While the API server would refuse its Pods those that it lacks are held; running
 * ones are not concerned.
 */
export function ranked(
  draft: Omit<Draft, 'priority' | 'askedPriority' | 'preempts'>,
  { priority, asked, preempts, hold }: Standing,
): Draft {
  const lacks = draft.classes.some(({ pending }) => pending.length > 0);
  const first = draft.hold?.reason === REASON.unsupported ? draft.hold : lacks ? hold : undefined;
  return { ...draft, priority, askedPriority: asked, preempts, hold: first ?? draft.hold };
}
