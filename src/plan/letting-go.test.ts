import { expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aSnapshot,
  NOW,
  type Buildable,
} from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { formatTime } from '../lib/time.ts';
import { cycle } from './cycle.test-helper.ts';
import { makePlan } from './plan.ts';

/** A job of two workers of half a node each that was whole, and has not been for so many seconds. */
const half = (name: string, secondsAgo = 200) =>
  aJob(name)
    .group(aGroup('w').replicas(2).cpu('4'))
    .status({
      phase: 'Running',
      startTime: formatTime(NOW - 3_600_000),
      conditions: [
        {
          type: 'Queued',
          status: 'True',
          lastTransitionTime: formatTime(NOW - secondsAgo * 1000),
          reason: 'GangDoesNotFit',
          message: '',
        },
      ],
    });
const worker = (job: string, slot: number) =>
  aPod(`${job}-w-${slot}`).ofJob(half(job), 'w', slot).on('h1').cpu('4').ready();

function plan(...objects: Buildable[]): string[] {
  const { snapshot, allocation } = cycle(aSnapshot().with(aNode('h1').cpu('8'), ...objects));
  return atOnce(makePlan(snapshot, allocation, DRIVERS)).flatMap((c) =>
    c.kind === 'delete'
      ? [`delete ${c.name}: ${c.reason}`]
      : c.kind === 'create'
        ? [`create ${c.pod.metadata.name}`]
        : [],
  );
}

test('of two half gangs one lets go, and the other becomes whole', () => {
  const both = [half('alpha'), half('beta'), worker('alpha', 0)];
  expect(plan(...both, worker('beta', 0))).toEqual(['delete beta-w-0: GangIncomplete']);
  expect(plan(...both, worker('beta', 0).deleting()), 'its room is being freed').toEqual([]);
  expect(plan(...both)).toEqual(['create alpha-w-1']);
  expect(plan(...both, worker('alpha', 1)), 'nothing is left to give back').toEqual([]);
});

test('no half gang lets go while another one is on its way out, whoever else waits', () => {
  const both = [half('alpha'), half('beta'), worker('alpha', 0)];
  const waiting = aPool('arena').replicas(1).cpu('4');
  expect(plan(...both, waiting, worker('beta', 0).deleting())).toEqual([]);
});

test('no half gang lets go while another one is nominated for room', () => {
  // One of them has room in sight where somebody is going.
  const going = aPod('db').on('h2').cpu('4').evicted();
  const other = aNode('h2').cpu('4');
  const both = [half('alpha'), half('beta'), worker('alpha', 0), worker('beta', 0)];
  expect(plan(...both, other, going)).toEqual([]);
  expect(plan(...both, other, aPod('db').on('h2').cpu('4').ready())).toEqual([
    'delete beta-w-0: GangIncomplete',
  ]);
});

test('a half gang keeps its room for as long as its job says, and while nobody waits', () => {
  const alpha = worker('alpha', 0);
  const taken = aPod('db').on('h1').cpu('4').ready();
  const waiting = aPool('arena').replicas(1).cpu('4');
  expect(plan(half('alpha'), alpha, taken)).toEqual([]);
  expect(plan(half('alpha', 100), alpha, taken, waiting)).toEqual([]);
  expect(plan(half('alpha').field('gangTimeoutSeconds', 300), alpha, taken, waiting)).toEqual([]);
  expect(plan(half('alpha'), alpha, taken, waiting)).toEqual(['delete alpha-w-0: GangIncomplete']);
});
