import { describe, expect, test } from 'vitest';
import { parseQuantities } from '../resources/quantities.ts';
import { columnOf } from '../resources/resource-kind.ts';
import { parseResources } from '../resources/resources.ts';
import { amountsOf, applyDemand, countDown, demandProblem, openDemand } from './demand.ts';
import type { Demand } from './events.ts';
import { type FrameworkState, type Holding, type Membership, OutstandingOffer } from './state.ts';

const bundle = (text: string) => parseResources(text, 'test');
const quantities = (text: string) => parseQuantities(text, 'test');
const wants = (resources: string, count: number, role?: string): Demand => ({
  resources: quantities(resources),
  count,
  ...(role === undefined ? {} : { role }),
});
/** What a member wants, as lists of what a task takes and how many are left. */
const left = ({ demand }: Membership) => demand && demand.map((each) => [...each.amounts, each.left]);
const of = (resources: string, count: number) => [...amountsOf(quantities(resources)), count];

/** As much of a framework, which is a member of each of its roles, as demand looks at. */
function framework(...roles: string[]) {
  const made = {
    id: 'F',
    roles: new Set(roles),
    isDemanding: false,
    memberships: new Map<string, Membership>(),
    offers: [] as OutstandingOffer[],
  } as unknown as FrameworkState;
  for (const role of roles) {
    made.memberships.set(role, {
      framework: made,
      role: { path: role },
      demand: null,
    } as unknown as Membership);
  }
  return { made, at: (role: string) => made.memberships.get(role)! };
}

test('the amounts of a task leave out names of nothing', () => {
  expect(amountsOf(quantities('cpus:2;mem:0;ports:3'))).toEqual([
    [columnOf('cpus'), 2000],
    [columnOf('ports'), 3000],
  ]);
});

describe('a declared demand', () => {
  test.each<[what: string, demand: Demand, roles: string[], field: string | undefined, problem?: RegExp]>([
    ['of the only role, unnamed', wants('cpus:1', 3), ['a'], undefined],
    ['of nothing more', wants('cpus:1', 0), ['a'], undefined],
    ['of one of several roles', wants('cpus:1', 3, 'b'), ['a', 'b'], undefined],
    ['of tasks without resources', wants('cpus:0', 3), ['a'], 'resources', /needs resources/],
    ['of half a task', wants('cpus:1', 1.5), ['a'], 'count', /1\.5 is no number of tasks/],
    ['of less than nothing', wants('cpus:1', -1), ['a'], 'count', /-1 is no number/],
    ['of one of several roles, unnamed', wants('cpus:1', 3), ['a', 'b'], 'role', /one of .*: a, b$/],
    [
      'of a role that is not its own',
      wants('cpus:1', 3, 'c'),
      ['a', 'b'],
      'role',
      /"c" is none of .*: a, b$/,
    ],
  ])('%s', (_, demand, roles, field, problem = /./) => {
    const found = demandProblem(demand, roles);
    expect(found?.field).toBe(field);
    if (found) expect(found.problem).toMatch(problem);
  });

  test('is kept by role, and takes the place of the one before', () => {
    const { made, at } = framework('a', 'b');
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:1', 3, 'a'), wants('mem:5', 1, 'a')] });
    expect(made.isDemanding).toBe(true);
    expect(left(at('a'))).toEqual([of('cpus:1', 3), of('mem:5', 1)]);
    expect(left(at('b'))).toEqual([]);
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:2', 1, 'b')] });
    expect([left(at('a')), left(at('b'))]).toEqual([[], [of('cpus:2', 1)]]);
  });

  test('stays when settings do not name it; a role that came new has none; null ends it', () => {
    const { made, at } = framework('a', 'b');
    applyDemand(made, { roles: ['a'] });
    expect([made.isDemanding, left(at('a'))]).toEqual([false, null]);
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:1', 3, 'a')] });
    at('b').demand = null;
    applyDemand(made, { roles: ['a', 'b'] });
    expect([left(at('a')), left(at('b'))]).toEqual([[of('cpus:1', 3)], []]);
    applyDemand(made, { roles: ['a', 'b'], demand: null });
    expect([made.isDemanding, left(at('a')), left(at('b'))]).toEqual([false, null, null]);
  });

  test('without a role is for the only one', () => {
    const { made, at } = framework('a');
    applyDemand(made, { roles: ['a'], demand: [wants('cpus:1', 3)] });
    expect(left(at('a'))).toEqual([of('cpus:1', 3)]);
  });
});

test('a launched task counts for the first of its shape that is still wanted', () => {
  const { made, at } = framework('a');
  countDown(at('a'), bundle('cpus:1'));
  expect(at('a').demand).toBeNull();
  applyDemand(made, { roles: ['a'], demand: [wants('cpus:1', 1), wants('cpus:2', 2), wants('cpus:1', 1)] });
  const counts = () => at('a').demand!.map((each) => each.left);
  countDown(at('a'), bundle('cpus:1'));
  expect(counts()).toEqual([0, 2, 1]);
  countDown(at('a'), bundle('cpus(a):1'));
  expect(counts()).toEqual([0, 2, 0]);
  countDown(at('a'), bundle('cpus:1'));
  countDown(at('a'), bundle('cpus:2;mem:1'));
  expect(counts()).toEqual([0, 2, 0]);
});

describe('demand beyond the offers that are out', () => {
  const holding = () =>
    ({ agent: { id: 'A', unavailability: null }, newestOffer: null }) as unknown as Holding;
  const offer = (member: Membership, number: number, resources: string) =>
    OutstandingOffer.enlist(new OutstandingOffer(number, member, holding(), bundle(resources)), []);

  test('is all of it without offers, and none where none is declared', () => {
    const { made, at } = framework('a', 'b');
    expect(openDemand(at('a'))).toEqual([]);
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:1', 3, 'a')] });
    expect([openDemand(at('a')), openDemand(at('b'))]).toEqual([[3], []]);
  });

  test('is less by the tasks that each offer has room for, the first shapes first', () => {
    const { made, at } = framework('a', 'b');
    const demand = [wants('cpus:1;mem:10', 3, 'a'), wants('cpus:2', 4, 'a'), wants('cpus:1', 5, 'b')];
    applyDemand(made, { roles: ['a', 'b'], demand });
    offer(at('a'), 1, 'cpus:3.5;mem:20');
    // Two of the first shape, by mem; what is left has no room for the second.
    expect(openDemand(at('a'))).toEqual([1, 4]);
    offer(at('a'), 2, 'cpus:5.5;mem:99');
    expect(openDemand(at('a'))).toEqual([0, 2]);
    expect(openDemand(at('b'))).toEqual([5]);
  });
});
