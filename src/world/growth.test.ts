import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { cycle } from '../plan/cycle.test-helper.ts';
import { NO_MEMORY } from '../snapshot/preemption.ts';
import { buildSnapshot } from './world.ts';

const update = { strategy: 'InPlaceIfPossible', maxSurge: 0, maxUnavailable: 9 };
const pool = (cpu: string, name = 'arena') => aPool(name).replicas(2).cpu(cpu).field('update', update);
const { fixedPart = '' } = poolFacts(pool('1').build()).groups[0]!.shape;
/** A server of 1 cpu. */
const server = (slot: number, node = 'n1', of = 'arena') =>
  aPod(`${of}-${slot}`)
    .ofPool(pool('1', of), slot)
    .on(node)
    .cpu('1')
    .revision('old')
    .annotation('proffer.dev/fixed-part', fixedPart)
    .ready();
const n1 = (cpu: string) => aNode('n1').cpu(cpu);

function run(...objects: Buildable[]) {
  const { snapshot, allocation } = cycle(aSnapshot().with(...objects));
  const { frameworks, numbers, supply, columns } = snapshot;
  return {
    changed: frameworks.flatMap(({ changes }) => changes.map(({ name }) => name)),
    removed: frameworks.flatMap(({ removals }) => removals.map(({ pod, reason }) => `${pod.name} ${reason}`)),
    live: frameworks.flatMap(({ live }) => live.map(({ name }) => name)),
    ready: frameworks.reduce((sum, { ready }) => sum + ready, 0),
    launched: allocation.launches.map(({ vacancy }) => vacancy.name),
    free: supply[numbers.get('n1')! * columns.count + columns.get('cpu')!],
  };
}

describe('servers that grow in place', () => {
  test('take the room of their node in the picture of the cycle, one after the other', () => {
    expect(run(pool('2'), n1('4'), server(0), server(1))).toEqual({
      changed: ['arena-1', 'arena-0'],
      removed: [],
      live: ['arena-0', 'arena-1'],
      ready: 2,
      launched: [],
      free: 0,
    });
    expect(run(pool('2'), n1('3'), server(0), server(1))).toEqual({
      changed: ['arena-1'],
      removed: ['arena-0 Outdated'],
      live: ['arena-1'],
      ready: 1,
      launched: [],
      free: 0,
    });
  });

  test('leave nothing of it to others in that cycle', () => {
    const other = aPool('other').cpu('1');
    const objects = [n1('4'), server(0), server(1), other];
    expect(run(pool('2'), ...objects).launched).toEqual([]);
    expect(run(pool('1'), ...objects).launched, 'as there would be').toEqual(['other-0']);
  });

  test('that become smaller need none', () => {
    expect(run(pool('500m'), n1('2'), server(0), server(1))).toMatchObject({ removed: [], free: 0 });
  });

  test('go where room is promised to somebody else', () => {
    const nomination = {
      framework: 'gsp/games/late',
      group: '',
      demand: { cpu: 1000 },
      node: 'n1',
      tasks: 1,
    };
    const inputs = aSnapshot().with(pool('2').replicas(1), n1('8'), server(0)).inputs();
    const build = (node: string) => {
      const preemption = { ...NO_MEMORY, nominations: [{ ...nomination, node }] };
      return buildSnapshot({ ...inputs, preemption }, DRIVERS).frameworks[0]!.changes.length;
    };
    expect([build('n1'), build('n2')]).toEqual([0, 1]);
  });

  test.each([
    ['of another role', 'studio'],
    ['of their own', 'games'],
  ])('go where room is reserved, be it for a role %s', (_, role) => {
    const kept = aRole(role).reserve('kept', 'yes', { cpu: '2' });
    const node = (label: string) => n1('8').label('kept', label);
    const one = pool('2').replicas(1);
    expect(run(one, kept, node('yes'), server(0)).removed).toEqual(['arena-0 Outdated']);
    expect(run(one, kept, node('no'), server(0)).removed).toEqual([]);
  });

  test('exceed no limit of their role, nor of one above it, together with those that grew before', () => {
    const changed = (limit: string) =>
      run(pool('2'), aRole('games').limit({ cpu: limit }), n1('9'), server(0), server(1)).changed.length;
    expect([changed('2'), changed('3'), changed('4')]).toEqual([0, 1, 2]);
    const deep = pool('2', 'deep').role('low');
    const pods = [0, 1].map((slot) =>
      server(slot, 'n1', 'deep')
        .ofPool(deep, slot)
        .annotation('proffer.dev/fixed-part', poolFacts(deep.build()).groups[0]!.shape.fixedPart!),
    );
    const roles = (limit: string) => [aRole('top').limit({ cpu: limit }), aRole('low').parent('top')];
    expect(run(deep, ...roles('3'), n1('9'), ...pods).changed).toHaveLength(1);
    expect(run(deep, ...roles('4'), n1('9'), ...pods).changed).toHaveLength(2);
  });

  test('leave a launch of their role no more than its limit', () => {
    const limit = aRole('games').limit({ cpu: '4' });
    const other = aPool('other').cpu('1');
    expect(run(pool('2'), limit, n1('9'), server(0), server(1), other).launched).toEqual([]);
    expect(run(pool('1'), limit, n1('9'), server(0), server(1), other).launched).toEqual(['other-0']);
  });

  test('leave free what guarantees of other roles need, not of their own', () => {
    const one = pool('3').replicas(1);
    const changed = (role: string, cpu: string) =>
      run(one, aRole(role).guarantee({ cpu }), n1('8'), server(0)).changed.length;
    expect([changed('studio', '5'), changed('studio', '6'), changed('games', '8')]).toEqual([1, 0, 1]);
    const cordoned = aNode('n2').cpu('8').cordoned();
    expect(
      run(one, aRole('studio').guarantee({ cpu: '6' }), n1('8'), cordoned, server(0)).changed,
      'what is free on a cordoned node serves nobody',
    ).toEqual([]);
  });
});
