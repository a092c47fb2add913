import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  HOST,
  preferred,
  required,
  term,
  zoned,
  type Buildable,
  type PoolBuilder,
} from '../../../test/builders/index.ts';
import { roomOf, takeAll } from './orders.test-helper.ts';
import { RuledOrder } from './ruled-order.ts';

const node = (name: string, zone: string) => zoned(name, zone).cpu('4').memory('16Gi');
const nodes = () => [node('a1', 'a'), node('a2', 'a'), node('b1', 'b')];
const pool = () => aPool('p').podLabel('app', 'p').cpu('1').memory('1Gi').replicas(20);
const near = (topologyKey: string, name: string) => ({ podAffinity: required(term(topologyKey, name)) });
const likes = (topologyKey: string, name: string) => ({
  podAffinity: preferred([10, term(topologyKey, name)]),
});
const spread = (made: PoolBuilder, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway') =>
  made.specField('topologySpreadConstraints', [{ maxSkew: 1, whenUnsatisfiable, ...term('zone', 'p') }]);

function cluster(...objects: Buildable[]) {
  const made = roomOf(aSnapshot().with(...objects));
  return { ...made, order: new RuledOrder(made.snapshot, made.matrices, 0, made.room) };
}

/** Where tasks go, `node tasks` for each taking. */
function play(tasks: number, ...objects: Buildable[]): string[] {
  const made = cluster(...objects);
  return takeAll(made, made.order, tasks);
}

describe('with rules about other Pods', () => {
  test('agents that a rule closed come back when it opens them', () => {
    // Zone b may not be two ahead of a, nor a of b.
    expect(play(5, ...nodes(), spread(pool(), 'DoNotSchedule'))).toEqual([
      'a1 1',
      'b1 1',
      'a1 1',
      'b1 1',
      'a1 1',
    ]);
  });

  test('agents take as much at once as rules and room allow', () => {
    const lead = aPod('lead').on('a2').cpu('1').memory('1Gi').label('app', 'lead').namespace('games');
    const group = pool().specField('affinity', near('zone', 'lead'));
    expect(play(20, ...nodes(), lead, group)).toEqual(['a2 3', 'a1 4']);
    expect(play(2, ...nodes(), lead, group)).toEqual(['a2 2']);
  });

  test('a spreading class takes one at a time, where the fewest of it are, then where most is free', () => {
    const lead = aPod('lead').on('b1').cpu('1').memory('1Gi').label('app', 'lead').namespace('games');
    const group = pool().distributed().specField('affinity', near('zone', 'lead'));
    const two = [node('b1', 'b'), node('b2', 'b'), node('a1', 'a')];
    expect(play(4, ...two, lead, group)).toEqual(['b2 1', 'b1 1', 'b2 1', 'b1 1']);
    const there = aPod('p-0').ofPool(group, 0).on('b2').cpu('1').memory('1Gi').ready();
    // Level after the first task, and equally free.
    expect(play(3, ...two, lead, there, group)).toEqual(['b1 1', 'b1 1', 'b2 1']);
  });

  test('scores follow the tasks that are placed', () => {
    const soft = spread(pool(), 'ScheduleAnyway');
    expect(play(4, ...nodes(), soft)).toEqual(['a1 1', 'b1 1', 'a1 1', 'b1 1']);
    const together = pool().specField('affinity', likes(HOST, 'p'));
    const used = aPod('x').on('b1').cpu('500m').memory('1Gi');
    expect(play(3, ...nodes(), used, together)).toEqual(['b1 1', 'b1 1', 'b1 1']);
  });

  test('agents that must not be used or have no room are left out, those to avoid come last', () => {
    const group = pool().specField('affinity', near('kubernetes.io/os', 'lead'));
    const all = ['a', 'b', 'c', 'd'].map((name) =>
      aNode(name).cpu('2').memory('16Gi').label('kubernetes.io/os', 'l'),
    );
    const lead = aPod('lead').on('d').cpu('2').label('app', 'lead').namespace('games');
    const made = roomOf(
      aSnapshot()
        .with(...all, lead, group)
        .health('a', { pressures: ['DiskPressure'] })
        .health('b', { unfitMs: 1 }),
    );
    const order = new RuledOrder(made.snapshot, made.matrices, 0, made.room);
    expect(takeAll(made, order, 9)).toEqual(['c 2', 'a 2']);
  });

  test('agents that constraints exclude are left out', () => {
    const lead = aPod('lead').on('a1').label('app', 'lead').namespace('games');
    const group = pool().nodeSelector('zone', 'b').specField('affinity', likes('zone', 'lead'));
    expect(play(9, ...nodes(), lead, group)).toEqual(['b1 1', 'b1 1', 'b1 1', 'b1 1']);
  });

  test('an agent that is skipped does not come again', () => {
    const { order } = cluster(...nodes(), pool().specField('affinity', near('zone', 'p')));
    expect(order.next(9)).toEqual({ agent: 0, tasks: 1 });
    order.skip();
    expect(order.next(9)?.agent).toBe(1);
    order.skip();
    expect(order.next(9)?.agent).toBe(2);
    order.skip();
    expect(order.next(9)).toBeUndefined();
  });
});
