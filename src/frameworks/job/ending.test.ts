import { expect, test } from 'vitest';
import { aGroup, aJob } from '../../../test/builders/index.ts';
import { endingOf, type GroupCount } from './ending.ts';
import { jobFacts } from './facts.ts';

/** A launcher, two workers and a sweep of ten tasks. @param policy its success policy */
const rules = (policy?: object, fields = {}) =>
  jobFacts(
    aJob('learn')
      .group(
        aGroup('launcher'),
        aGroup('worker').replicas(2),
        Object.entries(fields).reduce(
          (group, [name, value]) => group.field(name, value),
          aGroup('sweep').field('completions', 10),
        ),
      )
      .field('successPolicy', policy)
      .field('activeDeadlineSeconds', 60)
      .build(),
  ).spec;
const count = (name: string, size: number, completed: number, failed = 0): GroupCount => ({
  name,
  size,
  completed,
  failed,
});
/** @param done how many of each group are done, and how many tasks of the sweep are lost */
const counts = (launcher: number, worker: number, sweep: number, lost = 0) => [
  count('launcher', 1, launcher),
  count('worker', 2, worker),
  count('sweep', 10, sweep, lost),
];

test.each<[string, string, ReturnType<typeof rules>, GroupCount[], boolean?]>([
  ['goes on', '', rules(), counts(1, 1, 10)],
  ['all of all groups', 'Succeeded AsExpected: 13 workers succeeded', rules(), counts(1, 2, 10)],
  [
    'all of one group',
    'Succeeded SuccessPolicy: 1 of 1 of launcher succeeded (successPolicy)',
    rules({ groups: ['launcher'] }),
    counts(1, 0, 0),
  ],
  ['not of another one', '', rules({ groups: ['launcher'] }), counts(0, 2, 10)],
  ['all of two groups', '', rules({ groups: ['launcher', 'worker'] }), counts(1, 1, 0)],
  [
    'any of two groups',
    'Succeeded SuccessPolicy: 1 of 1 of launcher succeeded (successPolicy)',
    rules({ groups: ['launcher', 'worker'], operator: 'Any' }),
    counts(1, 1, 0),
  ],
  [
    'any of all groups',
    'Succeeded SuccessPolicy: 2 of 2 of worker succeeded (successPolicy)',
    rules({ operator: 'Any' }),
    counts(0, 2, 0),
  ],
  [
    'one of a group',
    'Succeeded SuccessPolicy: 1 of 2 of worker succeeded (successPolicy)',
    rules({ groups: ['worker'], succeededWorkers: 1 }),
    counts(0, 1, 0),
  ],
  ['no more of a group than it has', '', rules({ groups: ['worker'], succeededWorkers: 9 }), counts(0, 1, 0)],
  [
    'all of it then',
    'Succeeded SuccessPolicy: 2 of 2 of worker succeeded (successPolicy)',
    rules({ groups: ['worker'], succeededWorkers: 9 }),
    counts(0, 2, 0),
  ],
  [
    'a time that is over',
    'Failed DeadlineExceeded: not done 60 seconds after it began (activeDeadlineSeconds)',
    rules(),
    counts(1, 1, 10),
    true,
  ],
  ['what was done in time', 'Succeeded AsExpected: 13 workers succeeded', rules(), counts(1, 2, 10), true],
  ['tasks that are lost while others are open', '', rules(), counts(1, 2, 8, 1)],
  [
    'tasks that are lost when all others are done',
    'Failed FailedIndexes: 2 of 10 tasks of sweep failed for good',
    rules(),
    counts(0, 0, 8, 2),
  ],
  ['lost tasks of a group that does not count', '', rules({ groups: ['launcher'] }), counts(0, 0, 8, 2)],
  ['lost tasks of a group that is not needed', '', rules({ operator: 'Any' }), counts(0, 0, 8, 2)],
  ['lost tasks of a group that needs no more', '', rules({ succeededWorkers: 8 }), counts(0, 2, 8, 2)],
  ['no more lost tasks than may be', '', rules(undefined, { maxFailedIndexes: 2 }), counts(1, 2, 1, 2)],
  [
    'more lost tasks than may be',
    'Failed MaxFailedIndexesExceeded: 1 task of sweep failed for good, more than maxFailedIndexes (0)',
    rules({ groups: ['launcher'] }, { maxFailedIndexes: 0 }),
    counts(0, 2, 1, 1),
  ],
])('a job ends by %s: %s', (_, told, spec, of, overdue = false) => {
  const ending = endingOf(spec, of, overdue);
  expect(ending ? `${ending.phase} ${ending.reason}: ${ending.message}` : '').toBe(told);
});
