import { afterEach, expect, test, vi } from 'vitest';
import { aGroup, aJob, aNode, aPool, aSnapshot } from '../../test/builders/index.ts';
import { systemClock } from '../lib/clock.ts';
import { outcomes } from '../plan/outcome.ts';
import { SlotVacancies } from '../snapshot/vacancies.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { runCycle } from './cycle.ts';

afterEach(() => vi.restoreAllMocks());

const pools = () => Array.from({ length: 10 }, (_, i) => aPool(`p${i}`).replicas(100_000).cpu('1'));

test('a cycle makes the vacancies that it places, however many a pool or a job asks for', () => {
  const made = vi.spyOn(SlotVacancies.prototype, 'at');
  const job = Array.from({ length: 8 }, (_, i) => aGroup(`g${i}`).replicas(10_000).cpu('1')).reduce(
    (builder, group) => builder.group(group),
    aJob('learn'),
  );
  const inputs = aSnapshot()
    .with(aNode('n1').cpu('7').pods(110), ...pools(), job)
    .inputs();
  const { snapshot, matrices, allocation, commands, waiting } = runCycle(inputs, systemClock, DRIVERS);
  const all = outcomes(snapshot, matrices, allocation);
  expect([waiting, commands.length]).toEqual([10 * 100_000 + 8 * 10_000 - 7, 7]);
  expect(all.reduce((sum, outcome) => sum + outcome.waiting, 0)).toBe(waiting);
  expect(made).toHaveBeenCalledTimes(7);
});

test('resources that people invent share one column, and each pool is told what it lacks by name', () => {
  const invent = (p: number) =>
    Array.from({ length: 512 }, (_, i) => `x.io/p${p}-${i}`).reduce(
      (pool, name) => pool.request(name, '1'),
      aPool(`p${p}`).cpu('1'),
    );
  const inputs = aSnapshot()
    .with(aNode('n1').cpu('8'), ...Array.from({ length: 5 }, (_, p) => invent(p)))
    .inputs();
  const { snapshot, matrices, allocation, commands } = runCycle(inputs, systemClock, DRIVERS);
  expect([snapshot.columns.count, matrices.demand.length, commands]).toEqual([5, 5 * 5, []]);
  const [, second] = outcomes(snapshot, matrices, allocation);
  expect(second!.held!.message).toMatch(
    /^0 of 1 nodes can take it: 1 had insufficient x\.io\/p1-0; needs 1 x\.io\/p1-0, .* and 504 more/,
  );
});
