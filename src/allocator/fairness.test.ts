import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aNode, aPool, aRole, aSnapshot, type RoleBuilder } from '../../test/builders/index.ts';
import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { allocate } from './allocate.ts';

/** A role that wants without end: its demand for cpu, memory and GPUs per task, and its weight. */
const anyRole = fc.record({
  demand: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 4 }))),
  weight: fc.integer({ min: 1, max: 3 }),
});
const anyTotal = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 20, max: 90 })));
const wants = ({ demand }: { demand: readonly number[] }) => demand.some((d) => d > 0);

/**
 * Shares one large node out, which makes demands divisible. Returns the tasks of each role.
 * @param guaranteed so many tasks of each role are guaranteed
 */
function shareOut(
  total: readonly number[],
  roles: readonly { demand: readonly number[]; weight: number }[],
  guaranteed: readonly number[] = [],
): number[] {
  const [cpu, memory, gpus] = total;
  const node = aNode('n1')
    .cpu(`${cpu}`)
    .memory(`${memory}Gi`)
    .resource('nvidia.com/gpu', `${gpus}`)
    .pods(10_000);
  const builder = aSnapshot().with(node);
  roles.forEach(({ demand, weight }, i) => {
    const pool = aPool('p').namespace(`r${i}`).replicas(400).cpu(`${demand[0]}`).memory(`${demand[1]}Gi`);
    builder.with(
      pool.request('nvidia.com/gpu', `${demand[2]}`),
      guaranteeing(aRole(`r${i}`).weight(weight), demand, guaranteed[i] ?? 0),
    );
  });
  const snapshot = builder.build();
  const tasks = roles.map(() => 0);
  for (const { offer } of allocate(snapshot, buildMatrices(snapshot, snapshot.classes), answersBy(DRIVERS))
    .launches)
    tasks[offer.framework]!++;
  return tasks;
}

function guaranteeing(role: RoleBuilder, demand: readonly number[], tasks: number): RoleBuilder {
  const [cpu, memory, gpus] = demand.map((each) => each * tasks);
  return tasks === 0
    ? role
    : role.guarantee({ cpu: `${cpu}`, memory: `${memory}Gi`, 'nvidia.com/gpu': `${gpus}` });
}

describe('roles that want without end', () => {
  test('have an incentive to share: each gets its weighted part of the cluster, but for the size of a task', () => {
    fc.assert(
      fc.property(anyTotal, fc.array(anyRole, { minLength: 2, maxLength: 5 }), (total, all) => {
        const roles = all.filter(wants);
        fc.pre(roles.length > 1);
        const tasks = shareOut(total, roles);
        const step = roles.map(({ demand }) => Math.max(...demand.map((d, r) => d / total[r]!)));
        const weights = roles.reduce((sum, { weight }) => sum + weight, 0);
        const oneEach = step.reduce((sum, s) => sum + s, 0);
        roles.forEach(({ weight }, i) => {
          expect(tasks[i]! * step[i]!).toBeGreaterThan((weight / weights) * (1 - oneEach) - 1e-9);
        });
      }),
      { numRuns: 300 },
    );
  });

  test('do not envy each other by more than a task', () => {
    const evenRole = fc.record({
      demand: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 1))),
      weight: fc.constant(1),
    });
    fc.assert(
      fc.property(anyTotal, fc.array(evenRole, { minLength: 2, maxLength: 5 }), (total, all) => {
        const roles = all.filter(wants);
        fc.pre(roles.length > 1);
        const tasks = shareOut(total, roles);
        const step = roles.map(({ demand }) => Math.max(...demand.map((d, r) => d / total[r]!)));
        for (const [a, mine] of roles.entries()) {
          for (const [b, theirs] of roles.entries()) {
            const withTheirs = mine.demand.map((d, r) =>
              d === 0 ? Infinity : (tasks[b]! * theirs.demand[r]!) / d,
            );
            expect(Math.min(...withTheirs)).toBeLessThanOrEqual(tasks[a]! + Math.ceil(step[b]! / step[a]!));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('have what they are guaranteed, whatever weights others have', () => {
    fc.assert(
      fc.property(
        anyTotal,
        fc.array(fc.tuple(anyRole, fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 2,
          maxLength: 5,
        }),
        (total, all) => {
          const roles = all.filter(([role]) => wants(role)).map(([role, part]) => ({ ...role, part }));
          fc.pre(roles.length > 1);
          // So many tasks each that all of them fit together.
          const tasks = roles.map(({ demand, part }) => {
            const fit = Math.min(...demand.map((d, r) => (d === 0 ? Infinity : total[r]! / d)));
            return Math.floor((part * fit) / roles.length);
          });
          const given = shareOut(total, roles, tasks);
          for (const [i, count] of given.entries()) expect(count).toBeGreaterThanOrEqual(tasks[i]!);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gain nothing by asking for more than a task needs', () => {
    const honest = shareOut(
      [30, 60, 20],
      [
        { demand: [1, 4, 0], weight: 1 },
        { demand: [3, 1, 0], weight: 1 },
      ],
    );
    const greedy = shareOut(
      [30, 60, 20],
      [
        { demand: [2, 4, 0], weight: 1 },
        { demand: [3, 1, 0], weight: 1 },
      ],
    );
    expect(greedy[0]).toBeLessThanOrEqual(honest[0]!);
  });
});
