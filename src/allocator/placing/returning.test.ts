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
import { answersBy } from '../../frameworks/common/driver.ts';
import { DRIVERS } from '../../frameworks/drivers.ts';
import { formatTime } from '../../lib/time.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { NO_MEMORY, type KeptNomination } from '../../snapshot/preemption.ts';
import { allocate } from '../allocate.ts';

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
  const seen = aSnapshot()
    .with(...nodes, ...objects)
    .build();
  const snapshot = { ...seen, preemption: { ...NO_MEMORY, nominations } };
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  const allocation = allocate(snapshot, buildMatrices(snapshot, pending), answersBy(DRIVERS));
  const kept = allocation.nominations.map(({ framework, demandClass, agent, tasks }): KeptNomination => ({
    framework: snapshot.frameworks[framework]!.id,
    group: demandClass.group,
    demand: demandClass.shape.demand,
    node: snapshot.agents[agent]!.name,
    tasks,
  }));
  return { starts: allocation.launches.map(({ vacancy }) => vacancy.name), kept };
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
