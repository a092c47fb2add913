import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { jobFacts } from './facts.ts';
import { jobStatus } from './status.ts';

const node = aNode('n1').cpu('8');
const learn = (condition: string) =>
  aJob('learn').group(
    aGroup('data').replicas(2).cpu('1'),
    aGroup('worker')
      .cpu('1')
      .field('dependsOn', [{ group: 'data', condition }]),
  );
const data = (slot: number) =>
  aPod(`learn-data-${slot}`).ofJob(learn('Ready'), 'data', slot).on('n1').cpu('1');
const worker = () => aPod('learn-worker-0').ofJob(learn('Ready'), 'worker', 0).on('n1').cpu('1');

function after(condition: string, ...pods: Buildable[]) {
  const { allocation, all } = cycle(aSnapshot().with(node, learn(condition), ...pods));
  const launched = allocation.launches.map(({ vacancy }) => vacancy.name);
  return { launched, status: jobStatus(jobFacts(learn(condition).build()), all[0]!, NOW) };
}

describe('a group that depends on another', () => {
  test('takes no room while that one is not there, which is placed without it', () => {
    const { launched } = after('Placed');
    expect(launched).toEqual(['learn-data-0', 'learn-data-1']);
  });

  test.each([
    ['Placed', data(0).starting(), data(1).starting()],
    ['Ready', data(0).ready(), data(1).ready()],
    ['Ready', data(0).ready(), data(1).exited(0)],
    ['Succeeded', data(0).exited(0), data(1).exited(0)],
  ])('starts when that one is %s', (condition, ...pods) => {
    expect(after(condition, ...pods).launched).toEqual(['learn-worker-0']);
  });

  test.each([
    ['Placed', data(0).ready(), data(1).launched()],
    ['Ready', data(0).ready(), data(1).starting()],
    ['Succeeded', data(0).exited(0), data(1).ready()],
  ])('waits while one of that one is not %s', (condition, ...pods) => {
    expect(after(condition, ...pods).launched).toEqual([]);
  });

  test('says whom it waits for, and that the job runs meanwhile', () => {
    const { status } = after('Succeeded', data(0).exited(0), data(1).ready());
    expect(status).toMatchObject({
      phase: 'Running',
      message: '1 of 3 workers waiting: group worker waits for group data to be Succeeded: 1 of 2 are',
    });
    expect(told(status.conditions)).toContain('Placed=False WaitingForGroup');
  });

  test('waits again for its turn when it has to start anew', () => {
    const lost = [data(0).starting(), data(1).ready(), worker().exited(1, 60)];
    expect(after('Ready', ...lost).launched).toEqual([]);
    expect(after('Ready', data(0).ready(), data(1).ready(), worker().exited(1, 60)).launched).toEqual([
      'learn-worker-0-r1',
    ]);
  });
});

test('groups that start together are placed together, or none of them', () => {
  const job = learn('Succeeded').group(aGroup('helper').replicas(7).cpu('1'));
  const { launches } = cycle(aSnapshot().with(node, job)).allocation;
  expect(launches).toEqual([]);
});
