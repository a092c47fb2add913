import { expect, test } from 'vitest';
import { allocate } from '../allocator/allocate.ts';
import { answerOffers } from '../frameworks/answer.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { aNode, aPool, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { OfferLog } from './offer-log.ts';

function offersOn(...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  return { snapshot, ...allocate(snapshot, buildMatrices(snapshot, snapshot.classes), answerOffers) };
}

test('keeps the words of each offer although nodes get other numbers later, and forgets the oldest', () => {
  const log = new OfferLog(3);
  const first = offersOn(aNode('b'), aPool('one').cpu('1'));
  log.record(first.offers, first.snapshot);
  const second = offersOn(aNode('a'), aPool('two').cpu('1'));
  log.record(second.offers, second.snapshot);
  log.record([], second.snapshot);
  expect(log.entries.map((o) => [o.framework, o.node])).toEqual([
    ['gsp/games/one', 'b'],
    ['gsp/games/two', 'a'],
  ]);
  expect(log.entries[0]).toMatchObject({
    at: '2026-01-01T12:00:00.000Z',
    role: 'games',
    tasks: 1,
    resources: { cpu: '1', pods: '1' },
    answer: 'accepted',
    reason: '',
  });

  const third = offersOn(aNode('c'), aNode('d'), aPool('wide').distributed().replicas(2).cpu('1'));
  log.record(third.offers, third.snapshot);
  expect(log.entries.map((o) => o.node)).toEqual(['a', 'c', 'd']);
});
