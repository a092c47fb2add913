import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, type PoolBuilder } from '../../../test/builders/index.ts';
import { MAX_AMOUNT } from '../../lib/quantity.ts';
import { fitByPorts, fitByResources, MOST_TASKS } from './capacity.ts';

describe('how many tasks fit by resources', () => {
  test.each([
    ['the scarcest resource decides', [10, 100], [3, 10], 3],
    ['a rest of it is lost', [10, 100], [6, 1], 1],
    ['what is not asked for does not count', [10, 0], [5, 0], 2],
    ['nothing fits into nothing', [0, 100], [1, 1], 0],
    ['a demand beyond the range fits nowhere', [MAX_AMOUNT, 1], [MAX_AMOUNT, 1], 0],
    ['the last byte counts', [MAX_AMOUNT - 1, 3], [(MAX_AMOUNT - 2) / 2, 1], 2],
    ['a byte too few is one task less', [MAX_AMOUNT - 3, 3], [(MAX_AMOUNT - 2) / 2, 1], 1],
    ['there are more than A counts', [MAX_AMOUNT, 0], [1, 0], MOST_TASKS],
    ['who asks for nothing fits always', [0, 0], [0, 0], MOST_TASKS],
  ])('%s', (_, supply, demand, fit) => {
    expect(fitByResources(Float64Array.from(supply), Float64Array.from(demand), 0, 0, 2)).toBe(fit);
  });

  const amounts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 12, maxLength: 12 });

  test('is what taking one task after the other comes to, on any agent and for any class', () => {
    const cells = fc.tuple(amounts, amounts, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(cells, ([supply, demand, i, j]) => {
        fc.pre(demand.slice(j * 3, j * 3 + 3).some((d) => d > 0));
        const left = supply.slice(i * 3, i * 3 + 3);
        let tasks = -1;
        for (; left.every((amount) => amount >= 0); tasks++)
          left.forEach((_, r) => (left[r]! -= demand[j * 3 + r]!));
        expect(fitByResources(Float64Array.from(supply), Float64Array.from(demand), i, j, 3)).toBe(tasks);
      }),
    );
  });
});

describe('how many tasks fit by host ports', () => {
  const fit = (pool: PoolBuilder, ...held: number[]) => {
    const pods = held.map((port) => aPod(`p${port}`).on('n1').fixedPort(port));
    const snapshot = aSnapshot()
      .with(aNode('n1'), pool, ...pods)
      .hostPorts(7000, 7004)
      .build();
    return fitByPorts(snapshot.classes[0]!, snapshot.ports[0]!);
  };
  const game = () => aPool('a').port('game', 1);

  test.each([
    ['as many as there are, without ports', fit(aPool('a')), MOST_TASKS],
    ['as many as the range has numbers', fit(game()), 5],
    ['less what is in use', fit(game(), 7001, 7003, 9000), 3],
    ['several ports each', fit(game().port('query', 2)), 2],
    ['none when too few are left', fit(game().port('query', 2), 7000, 7001, 7002, 7003), 0],
    ['one with a fixed port', fit(aPool('a').fixedPort(80)), 1],
    ['none when its fixed port is in use', fit(aPool('a').fixedPort(80), 80), 0],
    ['one, whose fixed port leaves a number for its other', fit(game().fixedPort(7000), 7001, 7002, 7003), 1],
    ['none when its fixed port is the last number', fit(game().fixedPort(7000), 7001, 7002, 7003, 7004), 0],
  ])('%s', (_, found, expected) => expect(found).toBe(expected));
});
