import { expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  NOW,
  type Buildable,
} from '../../../test/builders/index.ts';
import { formatTime } from '../../lib/time.ts';
import { cycle, remembered } from '../../plan/cycle.test-helper.ts';
import type { KeptNomination } from '../../snapshot/preemption.ts';

/** A job of two workers of a node each, that starts again since so many seconds. */
const learn = (secondsAgo = 0) =>
  aJob('learn')
    .group(aGroup('w').replicas(2).cpu('4'))
    .status({
      phase: 'Running',
      startTime: formatTime(NOW - 3_600_000),
      restart: { attempt: 1, failures: 2, reason: 'x', startTime: formatTime(NOW - secondsAgo * 1000) },
    });
const before = (slot: number) =>
  aPod(`learn-w-${slot}`)
    .ofJob(learn(), 'w', slot)
    .on(`n${slot + 1}`)
    .cpu('4');
const other = aPool('arena').namespace('training').replicas(2).cpu('4');
const nodes = [aNode('n1').cpu('4'), aNode('n2').cpu('4'), aRole('training')];

/** Whom a cycle starts, and what the next one is to remember of it. */
function play(nominations: readonly KeptNomination[], ...objects: Buildable[]) {
  const { snapshot, allocation } = cycle(aSnapshot().with(...nodes, ...objects), nominations);
  const starts = allocation.launches.map(({ vacancy }) => vacancy.name);
  return { starts, kept: remembered(snapshot, allocation) };
}

test('the room of a gang that starts again is kept from when its workers end until they start anew', () => {
  const ending = play([], learn(), other, before(0), before(1));
  expect(ending.starts).toEqual([]);
  const half = play(ending.kept, learn(), other, before(1));
  expect(half.starts, 'n1 is free').toEqual([]);
  const gone = play(half.kept, learn(), other);
  expect(gone.starts, 'it backs off').toEqual([]);
  const again = play(gone.kept, learn(100), other);
  expect(again.starts).toEqual(['learn-w-0-a1', 'learn-w-1-a1']);
  // Whose role has the smaller share comes first where nothing is kept.
  expect(play([], learn(), other).starts).toEqual(['arena-0', 'arena-1']);
});

test('it is not kept from those who could evict the gang, nor for ever', () => {
  const { kept } = play([], learn(), other, before(0), before(1));
  const starts = (job: ReturnType<typeof learn>, pool = other) => play(kept, job, pool).starts;
  expect(starts(learn(), other)).toEqual([]);
  const high = aPool('arena').namespace('training').replicas(2).cpu('4').priority(5);
  expect(starts(learn(), high)).toHaveLength(2);
  const late = learn(100_000).field('gangTimeoutSeconds', 1);
  // Held by something else meanwhile: a worker of before that is not gone.
  expect(play(kept, late, other, before(1)).starts).toEqual(['arena-0']);
});

test('room that somebody else has the workers evicted for is not kept', () => {
  const { kept } = play([], learn(), before(0).evicted(), before(1));
  expect(kept.map(({ node }) => node)).toEqual(['n2']);
});

test('an elastic gang takes what else fits beside the room that it had', () => {
  const elastic = aJob('learn')
    .group(aGroup('w').replicas(2).cpu('4').field('minReplicas', 1))
    .status({ restart: { attempt: 1, failures: 0, reason: 'x', startTime: formatTime(NOW) } });
  const { kept } = play([], elastic, before(0));
  expect(kept).toMatchObject([{ node: 'n1', tasks: 1 }]);
  expect(play(kept, elastic, other).starts).toEqual(['learn-w-0-a1', 'learn-w-1-a1']);
});
