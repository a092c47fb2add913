import { describe, expect, test } from 'vitest';
import { ago, aNode, aPod, aPool, aSnapshot, type PodBuilder } from '../../test/builders/index.ts';

const arena = aPool('arena');
const server = () => aPod('arena-0').ofPool(arena, 0).on('n1');
const failed = { terminated: { exitCode: 1, reason: 'Error', message: 'no "room"', finishedAt: ago(9) } };

function endOf(pod: PodBuilder, node = aNode('n1')): string | undefined {
  const [pool] = aSnapshot().with(node, arena, pod).build().frameworks;
  return pool!.classes[0]!.pending.at(0)?.ended;
}

describe('how a task ended, in words', () => {
  test.each<[words: string, pod: PodBuilder]>([
    ['arena-0 crashed (exit 137, SIGKILL) on n1', server().exited(137, 1)],
    ['arena-0 ended (exit 0) on n1', server().exited(0, 1)],
    [
      `arena-0 lost a helper container (container log: exit 1) on n1: "no 'room'"`,
      server().starting().helper('log', failed),
    ],
    ['arena-0 on n1 was deleted', server().ready().deleting()],
    ['arena-0 on n1 was evicted', server().ready().evicted()],
    ['arena-0 on n1 was evicted by a taint of its node', server().ready().evicted('DeletionByTaintManager')],
    ['arena-0 on n1 was evicted by its node (Evicted)', server().failed('Evicted')],
    ['arena-0 on n1 was rejected by its node (OutOfcpu)', server().failed('OutOfcpu')],
    ['arena-0 on n1 crashed (DeadlineExceeded)', server().failed('DeadlineExceeded')],
    ['arena-0 on gone lost its node: the Node object is gone', server().on('gone').ready()],
  ])('%s', (words, pod) => expect(endOf(pod)).toBe(words));

  test('what is evicted from a node that was cordoned is drained', () => {
    expect(endOf(server().ready().evicted(), aNode('n1').cordoned())).toBe('arena-0 on n1 was drained');
  });
});
