import { describe, expect, test } from 'vitest';
import { parseQuantities } from '../resources/quantities.ts';
import { columnOf } from '../resources/resource-kind.ts';
import { parseResources } from '../resources/resources.ts';
import { amountsOf, applyDemand, countDown, demandProblem, openDemand, type DemandState } from './demand.ts';
import type { Demand } from './events.ts';
import { OutstandingOffer } from './outstanding-offer.ts';
import type { FrameworkState, Holding, Membership } from './state.ts';

const bundle = (text: string) => parseResources(text, 'test');
const quantities = (text: string) => parseQuantities(text, 'test');
const wants = (resources: string, count: number, role?: string): Demand => ({
  resources: quantities(resources),
  count,
  ...(role === undefined ? {} : { role }),
});
const state = (resources: string, left: number): DemandState => ({
  amounts: amountsOf(quantities(resources)),
  left,
});

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
  return { made, of: (role: string) => made.memberships.get(role)! };
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
    const { made, of } = framework('a', 'b');
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:1', 3, 'a'), wants('mem:5', 1, 'a')] });
    expect(made.isDemanding).toBe(true);
    expect(of('a').demand).toEqual([state('cpus:1', 3), state('mem:5', 1)]);
    expect(of('b').demand).toEqual([]);
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:2', 1, 'b')] });
    expect([of('a').demand, of('b').demand]).toEqual([[], [state('cpus:2', 1)]]);
  });

  test('stays when settings do not name it; a role that came new has none; null ends it', () => {
    const { made, of } = framework('a', 'b');
    applyDemand(made, { roles: ['a'] });
    expect([made.isDemanding, of('a').demand]).toEqual([false, null]);
    applyDemand(made, { roles: ['a', 'b'], demand: [wants('cpus:1', 3, 'a')] });
    of('b').demand = null;
    applyDemand(made, { roles: ['a', 'b'] });
    expect([of('a').demand, of('b').demand]).toEqual([[state('cpus:1', 3)], []]);
    applyDemand(made, { roles: ['a', 'b'], demand: null });
    expect([made.isDemanding, of('a').demand, of('b').demand]).toEqual([false, null, null]);
  });

  test('without a role is for the only one', () => {
    const { made, of } = framework('a');
    applyDemand(made, { roles: ['a'], demand: [wants('cpus:1', 3)] });
    expect(of('a').demand).toEqual([state('cpus:1', 3)]);
  });
});

test('a launched task counts for the first of its shape that is still wanted', () => {
  const { of } = framework('a');
  const member = of('a');
  countDown(member, bundle('cpus:1'));
  expect(member.demand).toBeNull();
  member.demand = [state('cpus:1', 1), state('cpus:2', 2), state('cpus:1', 1)];
  const left = () => member.demand!.map((each) => each.left);
  countDown(member, bundle('cpus:1'));
  expect(left()).toEqual([0, 2, 1]);
  countDown(member, bundle('cpus(a):1'));
  expect(left()).toEqual([0, 2, 0]);
  countDown(member, bundle('cpus:1'));
  countDown(member, bundle('cpus:2;mem:1'));
  expect(left()).toEqual([0, 2, 0]);
});

describe('demand beyond the offers that are out', () => {
  const holding = () =>
    ({ agent: { id: 'A', unavailability: null }, newestOffer: null }) as unknown as Holding;
  const offer = (member: Membership, number: number, resources: string) =>
    OutstandingOffer.enlist(new OutstandingOffer(number, member, holding(), bundle(resources)), []);

  test('is all of it without offers, and none where none is declared', () => {
    const { of } = framework('a', 'b');
    of('a').demand = [state('cpus:1', 3)];
    expect([openDemand(of('a')), openDemand(of('b'))]).toEqual([[3], []]);
  });

  test('is less by the tasks that each offer has room for, the first shapes first', () => {
    const { of } = framework('a', 'b');
    of('a').demand = [state('cpus:1;mem:10', 3), state('cpus:2', 4)];
    of('b').demand = [state('cpus:1', 5)];
    offer(of('a'), 1, 'cpus:3.5;mem:20');
    // Two of the first shape, by mem; what is left has no room for the second.
    expect(openDemand(of('a'))).toEqual([1, 4]);
    offer(of('a'), 2, 'cpus:5.5;mem:99');
    expect(openDemand(of('a'))).toEqual([0, 2]);
    expect(openDemand(of('b'))).toEqual([5]);
  });
});
