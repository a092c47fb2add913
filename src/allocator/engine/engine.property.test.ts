import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { OfferEngine } from './engine.ts';
import { EventError } from './event-error.ts';
import type { EngineEvent } from './events.ts';
import type { SorterKind } from '../roles/sorter.ts';
import { DEFAULT_OPTIONS, PROFFER_OPTIONS, type EngineOptions } from './options.ts';
import { amountsOf } from './demand.ts';
import { parseQuantities } from '../resources/quantities.ts';
import { columnOf } from '../resources/resource-kind.ts';
import { Prng } from '../../lib/prng.ts';
import type { EngineResult, Offer } from './outcome.ts';
import { anyDraws, anyOptions, eventOf, type Draw } from './random-events.test-helper.ts';
import { formatResources, parseResources, Resources } from '../resources/resources.ts';
import { isWithin, parentOf } from '../../lib/role-path.ts';
import { SlowMaster } from './slow-master.test-helper.ts';
import type { Piece } from './reference.test-helper.ts';

/** Drives an engine with drawn events; an event that it refuses is left out. */
function drive(
  options: Partial<EngineOptions>,
  draws: readonly Draw[],
  each: (event: EngineEvent, now: number, result: EngineResult) => void,
): OfferEngine {
  const engine = new OfferEngine(options);
  const interval = options.interval ?? 1;
  let now = 0;
  let taskCount = 0;
  const tasks: string[] = [];
  for (const draw of draws) {
    const seen = { offers: engine.outstanding(), tasks, taskCount: taskCount++ };
    const { event, wait } = eventOf(draw, { ...seen, declaredDemand: options.declaredDemand === true });
    now += wait;
    if (event.kind === 'batch') now = Math.floor(now / interval) * interval + interval;
    let result: EngineResult;
    try {
      result = engine.apply(event, now);
    } catch (error) {
      if (error instanceof EventError) continue;
      throw error;
    }
    for (const { task, state } of result.tasks) if (state === 'launched') tasks.push(task);
    if (event.kind === 'finish') tasks.splice(tasks.indexOf(event.task), 1);
    each(event, now, result);
  }
  return engine;
}

const comparable = (result: EngineResult) => ({
  offers: result.offers.map((o) => [o.framework, o.role, o.agent, formatResources(o.resources)].join(' ')),
  inverse: result.inverseOffers.map((o) => `${o.framework} ${o.agent}`),
  rescinded: result.rescinded
    .map(({ offer: o }) => [o.framework, o.role, o.agent, formatResources(o.resources)].join(' '))
    .sort(),
  launched: result.tasks.filter(({ state }) => state === 'launched').map(({ task }) => task),
});

const textOf = ({ framework, role, agent, resources }: Piece): string =>
  [framework, role, agent, formatResources(resources)].join(' ');

const comparableSlow = (slow: SlowMaster): ReturnType<typeof comparable> => ({
  offers: slow.made.map(textOf),
  inverse: slow.inverse,
  rescinded: slow.rescinded.map(textOf).sort(),
  launched: slow.launched,
});

/** These take a while: thousands of scenarios of dozens of events. */
const TIMEOUT = 300_000;

/** One framework gets nothing of an agent before another has taken the resource that is used up for the first. */
const EVEN_CUTS: [Partial<EngineOptions>, Draw[]] = [
  { ...DEFAULT_OPTIONS, seed: 0, proportionalCuts: true },
  [
    { kind: 'quota', a: 0, b: 752, c: 0, d: 0 },
    { kind: 'agent', a: 0, b: 0, c: 0, d: 0 },
    { kind: 'quota', a: 0, b: 760, c: 499, d: 0 },
    { kind: 'agent', a: 0, b: 0, c: 0, d: 0 },
    { kind: 'framework', a: 77, b: 0, c: 0, d: 1 },
    { kind: 'batch', a: 0, b: 0, c: 0, d: 0 },
    { kind: 'framework', a: 113, b: 41, c: 499, d: 1 },
  ],
];

test(
  'the engine does what the plain, slow reference does, event by event',
  () => {
    fc.assert(
      fc.property(anyOptions, anyDraws, (options, draws) => {
        const slow = new SlowMaster({ ...DEFAULT_OPTIONS, ...options });
        drive(options, draws, (event, now, result) => {
          slow.apply(event, now);
          expect(comparable(result)).toEqual(comparableSlow(slow));
        });
      }),
      { numRuns: 2000, examples: [EVEN_CUTS] },
    );
  },
  TIMEOUT,
);

test(
  'no agent is offered beyond what it has, and with nested limits no role gets beyond its limit',
  () => {
    fc.assert(
      fc.property(anyOptions, anyDraws, (some, draws) => {
        const options = { ...DEFAULT_OPTIONS, ...some, nestedLimits: true };
        const slow = new SlowMaster(options);
        drive(options, draws, (event, now, result) => {
          slow.apply(event, now);
          for (const { agent: id, role } of result.offers) {
            const agent = slow.agents.get(id)!;
            const pieces = slow.pieces.filter((piece) => piece.agent === id);
            const held = pieces.map(({ resources }) => resources.filter((kind) => !kind.shared));
            const used = held.reduce((sum, resources) => sum.plus(resources), Resources.empty);
            const offered = result.offers.filter((offer) => offer.agent === id);
            for (const { resources } of offered) {
              for (const { kind } of resources.items) {
                const most = agent.total.filter((other) => other === kind);
                expect(most.contains(used.filter((other) => other === kind))).toBe(true);
              }
            }
            for (let at: string | undefined = role; at !== undefined; at = parentOf(at)) {
              slow.quotas.get(at)?.limit.forEach((most, column) => {
                const gained = amountIn(
                  result.offers.filter((offer) => isWithin(offer.role, at!)),
                  column,
                );
                if (gained > 0) expect(slow.consumed(at!)[column]).toBeLessThanOrEqual(most);
              });
            }
          }
        });
      }),
      { numRuns: 500 },
    );
  },
  TIMEOUT,
);

const amountIn = (offers: readonly Offer[], column: number): number =>
  offers
    .flatMap(({ resources }) => resources.items)
    .reduce((sum, { kind, amount }) => sum + (kind.plain && kind.column === column ? amount : 0), 0);

const anyCluster = fc.record({
  agents: fc.array(fc.constantFrom('cpus:2;mem:64', 'cpus:1;mem:256;ports:[1-9]', 'cpus:4', 'mem:8;disk:3'), {
    minLength: 1,
    maxLength: 8,
  }),
  roles: fc.array(fc.constantFrom('a', 'b', 'a/x', 'b/y/z'), { minLength: 1, maxLength: 6 }),
  seed: fc.integer({ min: 0, max: 1000 }),
  sorter: fc.constantFrom<SorterKind>('drf', 'random'),
});

test('nothing is left that a framework could have: without quota, filters and minimum all is offered', () => {
  fc.assert(
    fc.property(anyCluster, ({ agents, roles, seed, sorter }) => {
      const engine = new OfferEngine({
        seed,
        minAllocatable: [],
        roleSorter: sorter,
        frameworkSorter: sorter,
      });
      for (const [i, role] of roles.entries()) {
        engine.apply({ kind: 'framework', id: `F${i}`, roles: [role] }, 0);
      }
      for (const [i, total] of agents.entries()) {
        const { offers } = engine.apply({ kind: 'agent', id: `A${i}`, total: parseResources(total, '') }, 0);
        const offered = offers.reduce((sum, { resources }) => sum.plus(resources), Resources.empty);
        expect(formatResources(offered)).toBe(formatResources(parseResources(total, '')));
      }
    }),
  );
});

test('the order in which agents and frameworks came does not matter', () => {
  fc.assert(
    fc.property(anyCluster, fc.integer(), ({ agents, roles, seed, sorter }, shuffle) => {
      const arrivals: EngineEvent[] = [
        ...agents.map((total, i) => ({
          kind: 'agent' as const,
          id: `A${i}`,
          total: parseResources(total, ''),
        })),
        ...roles.map((role, i) => ({ kind: 'framework' as const, id: `F${i}`, roles: [role] })),
      ];
      const outcome = (events: readonly EngineEvent[]) => {
        const engine = new OfferEngine({ seed, roleSorter: sorter, frameworkSorter: sorter });
        engine.apply({ kind: 'pause' }, 0);
        for (const event of events) engine.apply(event, 0);
        return comparable(engine.apply({ kind: 'resume' }, 0)).offers;
      };
      expect(outcome(new Prng(shuffle >>> 0).shuffle([...arrivals]))).toEqual(outcome(arrivals));
    }),
  );
});

test('the same events and seed give the same offers, another seed another order', () => {
  const offers = (seed: number) => {
    const engine = new OfferEngine({ seed });
    engine.apply({ kind: 'pause' }, 0);
    engine.apply({ kind: 'framework', id: 'F', roles: ['a'] }, 0);
    for (let i = 0; i < 20; i++) {
      engine.apply({ kind: 'agent', id: `A${i}`, total: parseResources('cpus:1', '') }, 0);
    }
    return engine.apply({ kind: 'resume' }, 0).offers.map(({ agent }) => agent);
  };
  expect(offers(1)).toEqual(offers(1));
  expect(offers(1)).not.toEqual(offers(2));
});

const anyDemands = fc.array(
  fc.record({
    role: fc.constantFrom('a', 'b', 'a/x', 'b/y/z'),
    task: fc.constantFrom('cpus:1', 'mem:40', 'cpus:0.5;mem:8', 'cpus:1;ports:2', 'disk:2'),
    count: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 1, maxLength: 6 },
);

test('declared demand: no more than is wanted, nothing left that anybody wants, whoever came first', () => {
  fc.assert(
    fc.property(anyCluster, anyDemands, fc.integer(), ({ agents, seed, sorter }, demands, shuffle) => {
      const events: EngineEvent[] = [
        ...agents.map((total, i) => ({
          kind: 'agent' as const,
          id: `A${i}`,
          total: parseResources(total, ''),
        })),
        ...demands.map(({ role, task, count }, i) => ({
          kind: 'framework' as const,
          id: `F${i}`,
          roles: [role],
          demand: [{ resources: parseQuantities(task, ''), count }],
        })),
      ];
      const offersOf = (arrivals: readonly EngineEvent[]) => {
        const engine = new OfferEngine({
          ...PROFFER_OPTIONS,
          seed,
          roleSorter: sorter,
          frameworkSorter: sorter,
        });
        engine.apply({ kind: 'pause' }, 0);
        for (const event of arrivals) engine.apply(event, 0);
        return engine.apply({ kind: 'resume' }, 0);
      };
      const result = offersOf(events);
      expect(comparable(offersOf(new Prng(shuffle >>> 0).shuffle([...events])))).toEqual(comparable(result));
      const left = agents.map((total, i) =>
        result.offers
          .filter(({ agent }) => agent === `A${i}`)
          .reduce((free, { resources }) => free.minus(resources), parseResources(total, '')),
      );
      for (const [i, { task, count }] of demands.entries()) {
        const amounts = amountsOf(parseQuantities(task, ''));
        const tasksIn = (resources: Resources): number =>
          Math.min(...amounts.map(([column, amount]) => Math.floor(resources.amountOf(column) / amount)));
        const offered = result.offers.filter(({ framework }) => framework === `F${i}`);
        const tasks = offered.reduce((sum, { resources }) => sum + tasksIn(resources), 0);
        expect(tasks).toBeLessThanOrEqual(count);
        if (tasks < count) expect(left.map(tasksIn)).toEqual(left.map(() => 0));
      }
    }),
  );
});

test('a guarantee is reached as far as the cluster goes, whoever came first and wants everything', () => {
  const guarantee = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 600 }));
  fc.assert(
    fc.property(anyCluster, guarantee, fc.boolean(), ({ agents, seed }, [cpus, mem], beyond) => {
      const options = { ...(beyond ? PROFFER_OPTIONS : DEFAULT_OPTIONS), seed, minAllocatable: [] };
      const engine = new OfferEngine(options);
      const quantities = parseQuantities(`cpus:${cpus};mem:${mem}`, '');
      engine.apply({ kind: 'quota', role: 'late', guarantee: quantities, limit: new Map() }, 0);
      engine.apply({ kind: 'pause' }, 0);
      for (const [i, total] of agents.entries())
        engine.apply({ kind: 'agent', id: `A${i}`, total: parseResources(total, '') }, 0);
      engine.apply({ kind: 'framework', id: 'greedy', roles: ['early'] }, 0);
      engine.apply({ kind: 'resume' }, 0);
      engine.apply({ kind: 'framework', id: 'F', roles: ['late'] }, 0);
      const got = engine
        .outstanding()
        .filter(({ framework }) => framework === 'F')
        .reduce((sum, { resources }) => sum.plus(resources), Resources.empty);
      const all = agents.reduce((sum, total) => sum.plus(parseResources(total, '')), Resources.empty);
      for (const [name, amount] of quantities) {
        const column = columnOf(name);
        expect(got.amountOf(column)).toBeGreaterThanOrEqual(Math.min(amount, all.amountOf(column)));
      }
    }),
  );
});
