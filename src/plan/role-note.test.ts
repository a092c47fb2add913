import { expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type Buildable,
} from '../../test/builders/index.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { cycle } from './cycle.test-helper.ts';
import { jobStatus } from '../frameworks/job/status.ts';
import { poolStatus } from '../frameworks/pool/status.ts';

const node = aNode('n1').cpu('2');
const pool = (role: string) => aPool('arena').role(role).replicas(3).cpu('1');
const noteOf = (...objects: Buildable[]) => cycle(aSnapshot().with(node, ...objects)).all[0]!.note;
const unknown =
  'OfferRole arena: nothing of the spec is in effect: there is no OfferRole "x", create it or correct parent';

test('a workload whose OfferRole is not in effect, or one above it, is told why', () => {
  const broken = aRole('arena').parent('x').limit({ cpu: '1' });
  expect(noteOf(broken, pool('arena'))).toBe(unknown);
  expect(noteOf(broken, aRole('eu').parent('arena'), pool('eu'))).toBe(unknown);
  expect(noteOf(aRole('arena'), pool('arena'))).toBeUndefined();
});

test('a workload that names the path from before a new parent is told where the OfferRole stands now', () => {
  const moved = [aRole('studio'), aRole('x'), aRole('arena').parent('x')];
  expect(noteOf(...moved, pool('studio/arena'))).toBe(
    'no OfferRole stands at studio/arena, but arena at x/arena: name that if it is meant',
  );
  expect(noteOf(...moved, pool('x/arena'))).toBeUndefined();
  expect(noteOf(...moved, pool('studio/other'))).toBeUndefined();
});

test('a workload whose role nobody declared is told what is charged, and which role it may have meant', () => {
  const studio = aRole('studio-a');
  expect(noteOf(studio, pool('studo-a'))).toBe(
    'role "studo-a" is not declared, games/studo-a is charged; nearest is "studio-a"',
  );
  expect(noteOf(studio, pool('mine'))).toBe('role "mine" is not declared, games/mine is charged');
  expect(noteOf(studio, pool('games'))).toBeUndefined();
  expect(noteOf(aRole('games'), pool('games/mine')), 'who writes a path means it').toBeUndefined();
  expect(noteOf(aRole('games'), aRole('eu').parent('games'), pool('games/eo'))).toContain(
    'nearest is "games/eu"',
  );
  expect(noteOf(aRole('studio-a').ownedBy('others'), pool('studo-a')), "others' roles are not told").toBe(
    'role "studo-a" is not declared, games/studo-a is charged',
  );
});

test('the sentence of a pool or job ends with it, whether tasks wait or not', () => {
  const broken = aRole('arena').parent('x');
  const [waiting, well] = [pool('arena'), pool('arena').replicas(1)];
  const job = aJob('learn').role('arena').group(aGroup('w').replicas(3).cpu('1'));
  const outcomeWith = (...objects: Buildable[]) => cycle(aSnapshot().with(node, broken, ...objects)).all[0]!;
  const poolMessage = (made: typeof waiting, ...others: Buildable[]) =>
    poolStatus(poolFacts(made.build()), outcomeWith(made, ...others), 0, 0).message;
  expect(poolMessage(waiting)).toBe(
    '1 of 3 servers waiting, 2 starting: 0 of 1 nodes can take it: 1 had insufficient cpu; ' +
      `needs 1 cpu, most free is 0 on n1; ${unknown}`,
  );
  expect(poolMessage(well, aPod('arena-0').ofPool(well, 0).on('n1').cpu('1').ready())).toBe(
    `1 server ready; ${unknown}`,
  );
  expect(jobStatus(jobFacts(job.build()), outcomeWith(job), 0).message).toContain(`; ${unknown}`);
});

test('a workload that lacks nothing is told as well that its namespace may not draw on its role, and what is charged', () => {
  const runs = aPod('arena-0').ofPool(pool('red'), 0).on('n1').cpu('1').ready();
  const red = aRole('red').ownedBy();
  expect(noteOf(red, pool('red').replicas(1), runs)).toBe(
    'namespace games may not draw on role red: let its OfferRole name the namespace in spec.namespaces, or name another ' +
      'role in spec.role; until then games is charged',
  );
  const waits = cycle(aSnapshot().with(node, red, pool('red'))).all[0]!;
  expect([waits.note, waits.held?.reason]).toEqual([undefined, 'RoleNotGranted']);
});
