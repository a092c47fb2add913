import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Allocation, Eviction } from '../allocate.ts';
import { anyUnrest, World, type Unrest } from './unrest.test-helper.ts';

/** What a cycle saw and decided. */
interface Step {
  readonly snapshot: Snapshot;
  readonly allocation: Allocation;
}

/** Cycles in which every world comes to rest: nobody is evicted, placed or leaving. */
const LONG = 120;

/** Runs a world until it is at rest, and hands each cycle to the check with the one before. */
function live(unrest: Unrest, forgets: (cycle: number) => boolean, check: (step: Step, last?: Step) => void) {
  const world = new World(unrest);
  let last: Step | undefined;
  for (let cycle = 0; cycle < LONG; cycle++) {
    const wasStill = world.isStill;
    const step = world.step(forgets(cycle));
    check(step, last);
    last = step;
    const { evictions, launches, nominations } = step.allocation;
    if (wasStill && evictions.length + launches.length + nominations.length === 0) return world.evictions;
  }
  throw new Error(`no rest after ${LONG} cycles`);
}

const NEVER: (cycle: number) => boolean = () => false;

/** Checks random worlds, and counts the evictions: none would prove nothing. */
function always(
  runs: number,
  check: (step: Step, last?: Step) => void,
  { forgets = NEVER, worlds = anyUnrest } = {},
): void {
  let evictions = 0;
  fc.assert(
    fc.property(worlds, (unrest) => {
      evictions += live(unrest, forgets, check);
    }),
    { numRuns: runs },
  );
  expect(evictions).toBeGreaterThan(runs / 8);
}

/**
 * Whoever was evicted for gets room, and loses a nomination only to somebody of higher priority, who would evict it at
 * once.
 */
const keepsNominations = (step: Step, last?: Step): void => {
  const { evictions, nominations, launches } = step.allocation;
  for (const { by } of evictions) expect(nominations.some(({ framework }) => framework === by)).toBe(true);
  if (!last) return;
  const { frameworks } = step.snapshot;
  const had = new Map(sumByFramework(last).map(({ framework, tasks }) => [framework, tasks]));
  const more = frameworks.map(({ id, index }) => {
    const waiting = nominations.filter((each) => each.framework === index);
    const got = launches.filter(({ offer }) => offer.framework === index).length;
    return got + waiting.reduce((sum, each) => sum + each.tasks, 0) - (had.get(id) ?? 0);
  });
  for (const { index, priority } of frameworks) {
    // Only to somebody who would evict it at once.
    const winners = frameworks.filter((other) => other.priority > priority && more[other.index]! > 0);
    if (more[index]! < 0) expect(winners).not.toEqual([]);
  }
};

const idOf = ({ snapshot }: Step, framework: number): string => snapshot.frameworks[framework]!.id;

/**
 * Amounts that are left on each agent when the evicted are gone, but for some, and all have come who are nominated or
 * launched.
 */
function leftWith({ snapshot, allocation }: Step, stay: ReadonlySet<PodFacts>): Float64Array {
  const { columns, numbers } = snapshot;
  const R = columns.count;
  const left = Float64Array.from(snapshot.allocatable);
  const take = (agent: number, amounts: Readonly<Record<string, number>>, times: number): void => {
    for (const name in amounts) left[agent * R + columns.get(name)!]! -= times * amounts[name]!;
  };
  const going = new Set(allocation.evictions.map(({ pod }) => pod));
  for (const pod of snapshot.pods) {
    if (!pod.deleting && (!going.has(pod) || stay.has(pod))) take(numbers.get(pod.node!)!, pod.requests, 1);
  }
  for (const { agent, tasks, demandClass } of allocation.nominations)
    take(agent, demandClass.shape.demand, tasks);
  for (const { offer } of allocation.launches) take(offer.agent, offer.demandClass.shape.demand, 1);
  return left;
}

/** The evicted as they can only go together. */
function unitsOf({ snapshot, allocation }: Step): PodFacts[][] {
  const { evictions } = allocation;
  const byFramework = Map.groupBy(evictions, ({ framework }: Eviction) => framework);
  return [...byFramework].flatMap(([framework, all]) => {
    const pods = all.map(({ pod }) => pod);
    return snapshot.frameworks[framework]!.together ? [pods] : pods.map((pod) => [pod]);
  });
}

/** What a top-level role holds of firm tasks in the end, in milli-cpu. */
function firmCpu(step: Step, top: string): number {
  const { snapshot, allocation } = step;
  const going = new Set(allocation.evictions.map(({ pod }) => pod));
  const isOwn = (framework: number): boolean =>
    !snapshot.frameworks[framework]!.revocable && topOf(step, framework) === top;
  const running = snapshot.frameworks
    .filter(({ index }) => isOwn(index))
    .flatMap(({ live }) => live)
    .filter((pod) => !going.has(pod))
    .map(({ requests }) => requests['cpu'] ?? 0);
  const launched = allocation.launches
    .filter(({ offer }) => isOwn(offer.framework))
    .map(({ offer }) => offer.demandClass.shape.demand['cpu'] ?? 0);
  const nominated = allocation.nominations
    .filter(({ framework }) => isOwn(framework))
    .map(({ demandClass, tasks }) => tasks * (demandClass.shape.demand['cpu'] ?? 0));
  return [...running, ...launched, ...nominated].reduce((sum, cpu) => sum + cpu, 0);
}

/** A pool of one server, and a role with no say on amounts. */
const ONE: Unrest['work'][number] = {
  kind: 'pool',
  role: 'red',
  priority: 0,
  cpu: 1,
  memory: 0,
  port: 0,
  replicas: 1,
  running: [],
  session: -1,
  comes: 0,
};
const FREE = { weight: 1, guarantee: 0, limit: 0 } as const;

describe('in any cluster, however it goes on', () => {
  test('evictions come to an end', () => {
    always(1000, () => {});
  }, 120_000);

  test('and do so when the operator dies again and again, and forgets', () => {
    always(500, () => {}, { forgets: (cycle) => cycle < 20 });
    always(500, () => {}, { forgets: (cycle) => cycle < 20 && cycle % 3 === 0 });
  }, 120_000);

  test('nobody is evicted for somebody who does not get the room', () => {
    // Nobody comes meanwhile who may be before them, and no headroom changes: quota is asked anew in each cycle.
    const worlds = anyUnrest.map(({ work, roles, ...others }): Unrest => ({
      ...others,
      work: work.map((each) => ({ ...each, comes: 0 })),
      roles: Object.fromEntries(
        Object.entries(roles).map(([name, role]) => [name, { ...role, guarantee: 0 }]),
      ),
    }));
    always(1000, keepsNominations, { worlds });
  }, 120_000);

  test('nor does who has a nomination lose it to one who takes over the nomination of a third', () => {
    live(
      {
        nodes: [4, 4, 1, 3, 4].map((cpu) => ({ cpu, memory: 0 })),
        grace: [0],
        work: [
          { ...ONE, role: 'red', priority: 2 },
          { ...ONE, role: 'lime' },
          { ...ONE, role: 'blue', cpu: 3, replicas: 2 },
          { ...ONE, kind: 'revocable', role: 'red', cpu: 4, replicas: 3, running: [4, 1, 0] },
          { ...ONE, role: 'green', cpu: 4, replicas: 2 },
        ],
        roles: { red: FREE },
      },
      NEVER,
      keepsNominations,
    );
  });

  test('nor to one who takes it over beside a nomination of its own', () => {
    live(
      {
        nodes: [{ cpu: 6, memory: 0 }],
        grace: [0],
        work: [
          { ...ONE, role: 'red', priority: 2 },
          { ...ONE, role: 'blue' },
          { ...ONE, role: 'blue', priority: 2, cpu: 2, replicas: 3 },
          { ...ONE, kind: 'revocable', role: 'red', cpu: 4, running: [0] },
        ],
        roles: { red: FREE, blue: FREE },
      },
      NEVER,
      keepsNominations,
    );
  });

  test('nor when the one who comes before it does not fit', () => {
    live(
      {
        nodes: [{ cpu: 4, memory: 0 }],
        grace: [0],
        work: [
          { ...ONE, role: 'green', cpu: 2, running: [0], session: 0 },
          { ...ONE, kind: 'revocable', role: 'green', cpu: 2, running: [0] },
          { ...ONE, role: 'blue', priority: 2, cpu: 4 },
          { ...ONE, role: 'blue', priority: 1 },
          { ...ONE, role: 'red', priority: 1, cpu: 2 },
          { ...ONE, role: 'red' },
        ],
        roles: { red: FREE, blue: FREE },
      },
      NEVER,
      keepsNominations,
    );
  });

  test('only what may be evicted is: nobody with players, of its own framework, or on its way out', () => {
    always(400, ({ snapshot, allocation }) => {
      const pods = allocation.evictions.map(({ pod }) => pod);
      expect(new Set(pods).size).toBe(pods.length);
      for (const { pod, framework, by } of allocation.evictions) {
        expect([pod.task!.session, pod.deleting, pod.terminal]).toEqual(['', false, false]);
        expect(framework).not.toBe(by);
        const [victim, preemptor] = [snapshot.frameworks[framework]!, snapshot.frameworks[by]!];
        expect(preemptor.revocable).toBe(false);
        if (victim.revocable || victim.priority < preemptor.priority) continue;
        // What is left is for a guarantee.
        expect(snapshot.roles.some(({ guarantee }) => guarantee)).toBe(true);
        expect(preemptor.rolePath).not.toBe(victim.rolePath);
      }
    });
  }, 120_000);

  test('gangs go whole', () => {
    always(400, ({ snapshot, allocation }) => {
      for (const { framework } of allocation.evictions) {
        const { together, live } = snapshot.frameworks[framework]!;
        const gone = allocation.evictions.filter((eviction) => eviction.framework === framework);
        if (together) expect(gone).toHaveLength(live.filter(({ deleting }) => !deleting).length);
      }
    });
  }, 120_000);

  test('nominations fit, and nobody could have stayed', () => {
    always(600, (step) => {
      expect(Math.min(0, ...leftWith(step, new Set()))).toBe(0);
      const ported = step.allocation.nominations.some(
        ({ demandClass }) => demandClass.shape.fixedPorts.length > 0,
      );
      if (ported) return;
      for (const unit of unitsOf(step)) expect(Math.min(...leftWith(step, new Set(unit)))).toBeLessThan(0);
    });
  }, 120_000);

  test('no role comes to hold less of its guarantee by evictions for others', () => {
    always(600, (step) => {
      for (const { path, guarantee } of step.snapshot.roles) {
        if (!guarantee) continue;
        const strangers = step.allocation.evictions.filter(
          ({ framework, by }) =>
            !step.snapshot.frameworks[framework]!.revocable &&
            topOf(step, framework) === path &&
            topOf(step, by) !== path,
        );
        if (strangers.length === 0) continue;
        expect(firmCpu(step, path)).toBeGreaterThanOrEqual(guarantee[0]!);
      }
    });
  }, 120_000);
});

const topOf = ({ snapshot }: Step, framework: number): string =>
  snapshot.frameworks[framework]!.rolePath.split('/')[0]!;

function sumByFramework(step: Step): { framework: string; tasks: number }[] {
  const sums = Map.groupBy(step.allocation.nominations, ({ framework }) => framework);
  return [...sums].map(([framework, nominations]) => ({
    framework: idOf(step, framework),
    tasks: nominations.reduce((sum, { tasks }) => sum + tasks, 0),
  }));
}
