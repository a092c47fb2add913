import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aRole,
  aSnapshot,
  NOW,
  type Buildable,
} from '../../test/builders/index.ts';
import { formatTime } from '../lib/time.ts';
import { cycle } from './cycle.test-helper.ts';

const nodes = ['n1', 'n2', 'n3'].map((name) => aNode(name).cpu('2'));
const job = (name: string, workers: number, cpu = '2') =>
  aJob(name).group(aGroup('w').replicas(workers).cpu(cpu));
/** A job that runs on those nodes, with so many seconds left; Infinity without a deadline. */
function running(name: string, secondsLeft: number, ...on: string[]): Buildable[] {
  const status = { phase: 'Running', startTime: formatTime(NOW - 60_000) };
  const its = job(name, on.length).status(status);
  if (secondsLeft < Infinity) its.field('activeDeadlineSeconds', secondsLeft + 60);
  return [its, ...on.map((node, slot) => aPod(`${name}-w-${slot}`).ofJob(its, 'w', slot).on(node).cpu('2'))];
}
/** Places in line, with the expected start in seconds from now. */
const lines = (...objects: Buildable[]): Record<string, unknown> =>
  Object.fromEntries(
    cycle(aSnapshot().with(...nodes, ...objects)).all.flatMap(({ framework: { metadata }, queue }) =>
      queue
        ? [[metadata.name, [queue.place, queue.expectedStart && (queue.expectedStart - NOW) / 1000]]]
        : [],
    ),
  );

describe('the line of a role', () => {
  const busy = running('busy', Infinity, 'n1', 'n2', 'n3');

  test('is by priority, then by age, and each role has its own', () => {
    const waiting = [
      job('late', 1).waiting(10),
      job('early', 1).waiting(20),
      job('first', 1).priority(1).waiting(5),
      job('other', 1).role('else').waiting(1),
    ];
    expect(lines(...busy, ...waiting, aRole('training').field('maxPriority', 5))).toEqual({
      first: [1, undefined],
      early: [2, undefined],
      late: [3, undefined],
      other: [1, undefined],
    });
  });

  test('has nobody who runs, starts now, or is held', () => {
    expect(lines(job('starts', 3), job('waits', 1).waiting(-1))).toEqual({ waits: [1, undefined] });
    expect(lines(...busy, job('asleep', 1).field('suspend', true))).toEqual({});
  });

  test('tells places beyond ten in tens, so that a start does not change all of them', () => {
    const many = Array.from({ length: 12 }, (_, i) => job(`j${i}`, 1).waiting(100 - i));
    const places = lines(...busy, ...many);
    expect(many.map(({ identity: { name } }) => (places[name] as number[])[0])).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 20,
    ]);
  });
});

describe('the expected start of the first in line', () => {
  const two = [...running('soon', 100, 'n1'), ...running('later', 200, 'n2')];

  test.each<[why: string, expected: unknown, objects: Buildable[]]>([
    ['when the first deadline frees enough', 100, [...two, ...running('x', Infinity, 'n3'), job('large', 1)]],
    ['when all have ended that it needs', 200, [...two, job('large', 3)]],
    [
      'unknown, if somebody without a deadline is in its way',
      undefined,
      [...running('x', Infinity, 'n3'), ...two, job('large', 3)],
    ],
    [
      'when both groups have room beside each other',
      200,
      [
        ...two,
        ...running('x', Infinity, 'n3'),
        aJob('large').group(aGroup('a').cpu('2'), aGroup('b').cpu('2')),
      ],
    ],
    [
      'unknown, if quota keeps it',
      undefined,
      [...two, job('large', 3), aRole('training').limit({ cpu: '4' })],
    ],
    [
      'unknown, if it must be in one zone',
      undefined,
      [...two, job('large', 3).field('topology', { key: 'zone' })],
    ],
  ])('is %s: %s', (_, expected, objects) => {
    expect(lines(...objects)).toMatchObject({ large: [1, expected] });
  });

  test('is not told of those behind it', () => {
    expect(lines(...two, job('large', 3).waiting(10), job('next', 3).waiting(5))).toMatchObject({
      large: [1, 200],
      next: [2, undefined],
    });
  });
});
