import { expect, test } from 'vitest';
import { aPool } from '../../../test/builders/index.ts';
import { poolFacts } from './facts.ts';

test('the revision of a pool is the one that earlier versions made of it: an operator that is upgraded rolls no server', () => {
  const pool = aPool('arena').cpu('100m').port('game', 8303).podLabel('team', 'red');
  expect(poolFacts(pool.build()).groups[0]!.shape.revision).toBe('9b39dea2');
});

test('what no Pod shows makes no new revision', () => {
  const revisionOf = (pool = aPool('arena')) => poolFacts(pool.build()).groups[0]!.shape.revision;
  const changed = aPool('arena').replicas(7).distributed().priority(3).field('update', { paused: true });
  expect(revisionOf(changed.recovery({ maxBackoffSeconds: 5 }))).toBe(revisionOf());
  expect(revisionOf(aPool('arena').port('game', 8303))).not.toBe(revisionOf());
});
