import type { CounterPolicy } from '../../../api/pool/autoscale.ts';
import type { Counter } from '../../../snapshot/hints.ts';
import { greater, type Server, type Wish } from './server.ts';

/**
 * What one server is good for: what the template says, or what the smallest of the others has; undefined when nobody says.
 * A mean would fall when servers go, and with it what those that do not say are taken for: they would be wanted back.
 */
function each(told: readonly Counter[], template: Counter | undefined): number | undefined {
  if (template?.capacity) return template.capacity;
  const capacities = told.flatMap(({ capacity }) => (capacity ? [capacity] : []));
  return capacities.length === 0 ? undefined : capacities.reduce((a, b) => Math.min(a, b));
}

/**
 * As many servers as keep some of a counter's capacity free.
 * @param replicas how many there are to be by now
 * @param template the counter as the template has it
 * @returns undefined when no server says its capacity: nobody can tell what one more is good for
 */
export function counterWish(
  { name, free: asked, percent }: CounterPolicy,
  all: readonly Server[],
  replicas: number,
  template: Counter | undefined,
): Wish | undefined {
  const usable = all.filter(({ withheld }) => !withheld);
  const told = usable.flatMap(({ counters }) => counters[name] ?? []);
  const capacity = each(told, template);
  if (capacity === undefined) {
    // The first one tells.
    return all.length > 0 ? undefined : { replicas: 1, because: `no server yet that says its ${name}` };
  }
  const freeOf = ({ counters }: Server): number => {
    const own = counters[name];
    return Math.max(0, (own?.capacity ?? capacity) - (own?.count ?? 0));
  };
  const used = told.reduce((sum, { count }) => sum + count, 0);
  const free = usable.reduce((sum, server) => sum + freeOf(server), 0);
  const least = greater(asked, percent, used);
  // A surge of an update goes by itself; held servers stay, however few there are to be.
  const base = Math.max(replicas, all.filter(({ held }) => held).length);
  const change = free < least ? Math.ceil((least - free) / capacity) : -Math.floor((free - least) / capacity);
  return {
    replicas: Math.max(0, base + change),
    because: `${used} ${name} and ${least} free, ${capacity} a server`,
    keep: {
      least,
      worth: (server) => (server.withheld ? 0 : freeOf(server)),
      stays: ({ counters }) => (counters[name]?.count ?? 0) > 0,
    },
  };
}
