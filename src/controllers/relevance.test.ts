import { describe, expect, test } from 'vitest';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import { aPod, aPool } from '../../test/builders/index.ts';
import { changesDecisions, changesSums } from './relevance.ts';

const read = createPodReader();
const pool = aPool('arena');
const server = () => aPod('arena-0').ofPool(pool, 0).on('n1');
const facts = (pod: ReturnType<typeof aPod>): PodFacts => read(pod.build());
const ours = facts(server().starting());
const foreign = facts(aPod('db-0').on('n1').ready());

describe('a change of a Pod of ours', () => {
  test.each([
    ['appears', undefined, ours, true],
    ['is gone', ours, undefined, true],
    ['comes back as it was decided', ours, { ...ours, resourceVersion: '9', uid: 'u' }, false],
    ['comes back on another node', ours, { ...ours, node: 'n2' }, true],
    ['becomes ready', ours, facts(server().ready()), true],
    ['crashes', ours, facts(server().exited(137, 1, 60)), true],
    [
      'loses a helper',
      ours,
      facts(
        server()
          .starting()
          .helper('log', { terminated: { exitCode: 1 } }),
      ),
      true,
    ],
    [
      'cannot start',
      ours,
      facts(
        server()
          .starting()
          .helper('log', { waiting: { reason: 'X' } }),
      ),
      true,
    ],
    ['is deleted', ours, { ...ours, deleting: true }, true],
    ['is allocated', ours, facts(server().starting().session('Allocated')), true],
  ])('%s: %s', (_, before, after, expected) => {
    expect(changesDecisions(before, after, false)).toBe(expected);
  });

  test('of its players changes what its pool sums up, and no decision', () => {
    const playing = (players: string) =>
      facts(server().starting().annotation('proffer.dev/counter.players', players));
    const [before, same, after] = ['3/16', '3/16', '4/16'].map(playing);
    expect([changesSums(before, same), changesSums(before, after)]).toEqual([false, true]);
    expect(changesDecisions(before, after, false)).toBe(false);
  });
});

describe('a change of a Pod that names our scheduler', () => {
  const customer = () => aPod('c').customer();
  const waits = facts(customer());
  const again = (pod: ReturnType<typeof aPod>) => ({ ...facts(pod), labels: waits.labels });
  const kept = { ...waits.customer!, told: { reason: 'Unschedulable', message: 'no', at: 1 } };
  test.each<[what: string, before: PodFacts | undefined, after: PodFacts | undefined, expected: boolean]>([
    ['appears', undefined, waits, true],
    ['is gone', waits, undefined, true],
    ['is told why it waits', waits, { ...waits, customer: kept, resourceVersion: '9' }, false],
    ['comes back bound as it was decided', { ...waits, node: 'n1' }, { ...waits, node: 'n1' }, false],
    ['is bound by somebody else', waits, { ...waits, node: 'n1' }, true],
    ['changes its role', waits, { ...waits, customer: { ...waits.customer!, role: 'lab' } }, true],
    ['loses its gates', again(customer().specField('schedulingGates', [{ name: 'x' }])), waits, true],
    ['becomes ready', again(customer().on('n1').starting()), again(customer().on('n1').ready()), true],
  ])('%s', (_, before, after, expected) => {
    expect(changesDecisions(before, after, false)).toBe(expected);
  });
});

describe("a change of somebody else's Pod", () => {
  test.each([
    ['appears while nothing waits', undefined, foreign, false, false],
    ['is gone while nothing waits', foreign, undefined, false, false],
    ['appears while tasks wait', undefined, foreign, true, true],
    ['ends while tasks wait', foreign, { ...foreign, terminal: true }, true, true],
    [
      'gets another label while tasks wait',
      foreign,
      facts(aPod('db-0').on('n1').label('a', 'b')),
      true,
      true,
    ],
    ['is on its way out while tasks wait', foreign, { ...foreign, deleting: true }, true, true],
    ['becomes unready while tasks wait', foreign, { ...foreign, ready: false }, true, false],
  ])('%s', (_, before, after, waiting, expected) => {
    expect(changesDecisions(before, after, waiting)).toBe(expected);
  });
});
