import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  type Buildable,
  type JobBuilder,
} from '../../../test/builders/index.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';

const RACK = 'example.com/rack';
const node = (name: string, rack: string, cpu = '4') => aNode(name).cpu(cpu).label(RACK, rack);
const gang = (replicas: number, policy = 'Required') =>
  aJob('learn').group(aGroup('w').replicas(replicas).cpu('1')).field('topology', { key: RACK, policy });

/** How many workers went to each node, and what the job is told when it waits. */
function placed(...objects: Buildable[]) {
  const { allocation, all, snapshot } = cycle(aSnapshot().with(...objects));
  const on: Record<string, number> = {};
  const index = all.findIndex(({ framework }) => framework.kind === 'TrainingJob');
  for (const { offer } of allocation.launches) {
    if (offer.framework !== snapshot.frameworks[index]!.index) continue;
    const { name } = snapshot.agents[offer.agent]!;
    on[name] = (on[name] ?? 0) + 1;
  }
  return { on, held: all[index]!.held };
}

describe('a gang that must be in one domain', () => {
  test('goes to one that has room for all, though others have better nodes', () => {
    const racks = [node('a1', 'a', '7'), node('b1', 'b'), node('b2', 'b')];
    expect(placed(...racks, gang(8)).on).toEqual({ b1: 4, b2: 4 });
  });

  test('takes the one with the least room that holds it', () => {
    const racks = [node('a1', 'a', '64'), node('b1', 'b'), node('c1', 'c', '8')];
    expect(placed(...racks, gang(4)).on).toEqual({ b1: 4 });
  });

  test('waits while none holds all, and says how many fit there', () => {
    const { on, held } = placed(node('a1', 'a', '5'), node('b1', 'b'), gang(6));
    expect(on).toEqual({});
    expect(held).toEqual({ reason: 'GangDoesNotFit', message: `5 of 6 workers fit in one ${RACK}` });
  });

  test('does not go to nodes without the label', () => {
    expect(placed(aNode('bare').cpu('64'), gang(2)).held?.message).toBe(`0 of 2 workers fit in one ${RACK}`);
  });

  test('is joined where it is by a worker that comes anew', () => {
    const others = [0, 1].map((slot) =>
      aPod(`learn-w-${slot}`).ofJob(gang(3), 'w', slot).on('b1').cpu('1').ready(),
    );
    const racks = (cpu: string) => [node('a1', 'a', '64'), node('b1', 'b', cpu)];
    expect(placed(...racks('3'), gang(3), ...others).on).toEqual({ b1: 1 });
    expect(placed(...racks('2'), gang(3), ...others).on).toEqual({});
  });

  test('counts what its groups take from each other', () => {
    const job = aJob('learn')
      .group(aGroup('x').replicas(2).cpu('1'), aGroup('y').replicas(2).cpu('2'))
      .field('topology', { key: RACK, policy: 'Required' });
    // Each group fits into a, both do not.
    const racks = [node('a1', 'a', '5'), node('b1', 'b', '2'), node('b2', 'b', '4')];
    expect(Object.keys(placed(...racks, job).on).sort()).toEqual(['b1', 'b2']);
  });

  test('has others evicted in that domain alone, and keeps to it while they go', () => {
    const low = aJob('low').group(aGroup('w').replicas(2).cpu('3')).field('revocable', true);
    const high = aJob('high').group(aGroup('w').replicas(3).cpu('1'));
    const on = (job: JobBuilder, slot: number, name: string, cpu: string) =>
      aPod(`${job.identity.name}-w-${slot}`).ofJob(job, 'w', slot).on(name).cpu(cpu).ready();
    const nodes = [node('a1', 'a'), node('b1', 'b'), node('b2', 'b')];
    // There is one place in a, and two in b, where revocable ones are as well.
    const pods = [0, 1, 2].map((slot) => on(high, slot, 'a1', '1'));
    const going = [on(low, 0, 'b1', '3'), on(low, 1, 'b2', '3')];
    const { evictions, nominations } = cycle(
      aSnapshot().with(...nodes, low, high, ...pods, ...going, gang(8)),
    ).allocation;
    expect(evictions.map(({ pod }) => pod.name).sort()).toEqual(['low-w-0', 'low-w-1']);
    expect(new Set(nominations.map(({ agent }) => agent))).toEqual(new Set([1, 2]));
    expect(
      cycle(aSnapshot().with(...nodes, low, high, ...pods, ...going, gang(9))).allocation.evictions,
    ).toEqual([]);
  });
});

describe('a gang that likes to be in one domain', () => {
  test('is, when one has room for all', () => {
    const racks = [node('a1', 'a', '7'), node('b1', 'b'), node('b2', 'b')];
    expect(placed(...racks, gang(8, 'Preferred')).on).toEqual({ b1: 4, b2: 4 });
  });

  test('is in as few as can be otherwise, and last where the label is missing', () => {
    const racks = [node('a1', 'a', '2'), node('b1', 'b', '3'), node('c1', 'c', '4'), aNode('bare').cpu('64')];
    expect(placed(...racks, gang(7, 'Preferred')).on).toEqual({ c1: 4, b1: 3 });
    expect(placed(...racks, gang(10, 'Preferred')).on).toEqual({ c1: 4, b1: 3, a1: 2, bare: 1 });
  });
});

test('a gang of any size starts where one domain has room, and nowhere else', () => {
  const sizes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 6 })), {
    minLength: 1,
    maxLength: 7,
  });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), (nodes, workers) => {
      const all = nodes.map(([rack, cpu], i) => node(`n${i}`, rack, String(cpu)));
      const { on } = placed(...all, gang(workers));
      const roomOf = (rack: string) => nodes.reduce((sum, [of, cpu]) => sum + (of === rack ? cpu : 0), 0);
      const fits = ['a', 'b', 'c'].some((rack) => roomOf(rack) >= workers);
      const racks = new Set(Object.keys(on).map((name) => nodes[Number(name.slice(1))]![0]));
      expect(racks.size).toBe(fits ? 1 : 0);
      expect(Object.values(on).reduce((sum, n) => sum + n, 0)).toBe(fits ? workers : 0);
    }),
  );
});
