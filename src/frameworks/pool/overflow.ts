import { ANNOTATION, GROUP } from '../../api/group.ts';
import { canonicalJson } from '../../lib/hash.ts';
import type { PodFacts, TaskFacts } from '../../snapshot/task.ts';
import type { Marking, Markings } from '../common/upkeep.ts';
import { mayGo } from './deletion-order.ts';
import type { PoolFacts } from './facts.ts';
import { isOutdated } from './rollout.ts';

/** Labels and annotations, by name. */
interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const NONE: Marks = { labels: {}, annotations: {} };

/** What a Pod says that it was given; anybody may have written it. */
function marksIn(text: string): Marks {
  const texts = (value: unknown) =>
    Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !name.startsWith(`${GROUP}/`)));
  try {
    const { labels, annotations } = JSON.parse(text) as Partial<Record<keyof Marks, unknown>>;
    return { labels: texts(labels), annotations: texts(annotations) };
  } catch {
    return NONE;
  }
}

/** Of servers that stay for their players those that the pool has no place for: of an older template, or too many. */
function leftovers({ spec, groups }: PoolFacts, live: readonly PodFacts[]): Set<PodFacts> {
  const { revision } = groups[0]!.shape;
  const isOld = ({ task }: PodFacts) => Number(isOutdated(task!, revision));
  const held = live.filter(({ task }) => task && !mayGo(task));
  const old = spec.update.paused ? [] : held.filter(isOld);
  const many = held.length - spec.replicas;
  const first = (a: PodFacts, b: PodFacts) => isOld(b) - isOld(a) || (a.name < b.name ? -1 : 1);
  return new Set([...old, ...(many > 0 ? held.toSorted(first).slice(0, many) : [])]);
}

/** What takes some marks off and puts others on: what the template itself says of a name comes back. */
function change(field: keyof Marks, from: Marks, to: Marks, { spec }: PoolFacts) {
  const own = spec.template.metadata?.[field];
  const off = Object.keys(from[field]).map((name) => [name, own?.[name] ?? null] as const);
  return { ...Object.fromEntries(off), ...to[field] };
}

/** The overflow labels and annotations of a pool that are to be put on its servers, or taken off. */
export const poolOverflow: Markings = (workload, { live }) => {
  const pool = workload as PoolFacts;
  const { overflow = NONE } = pool.spec.update;
  const isAny = Object.keys({ ...overflow.labels, ...overflow.annotations }).length > 0;
  const marked = (task: TaskFacts | undefined) => task !== undefined && task.overflow !== '';
  if (!isAny && !live.some(({ task }) => marked(task))) return [];
  const text = canonicalJson(overflow);
  const left = isAny ? leftovers(pool, live) : new Set<PodFacts>();
  return live.flatMap((pod): Marking[] => {
    const has = pod.task?.overflow ?? '';
    const due = left.has(pod) ? text : '';
    if (has === due) return [];
    const [from, to] = [marksIn(has), due === '' ? NONE : overflow];
    const labels = change('labels', from, to, pool);
    const annotations = change('annotations', from, to, pool);
    return [
      { pod, metadata: { labels, annotations: { ...annotations, [ANNOTATION.overflow]: due || null } } },
    ];
  });
};
