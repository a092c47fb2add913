import { expect, test } from 'vitest';
import { allocate } from '../allocator/allocate.ts';
import type { OfferRecord } from '../allocator/placing/offer.ts';
import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { aNode, aPool, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { OfferLog } from './offer-log.ts';

function offersOn(...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  return { snapshot, ...allocate(snapshot, buildMatrices(snapshot, snapshot.classes), answersBy(DRIVERS)) };
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

test('keeps an offer that is declined again only when the reason is another, and every accepted one', () => {
  const log = new OfferLog(10);
  const { snapshot, offers } = offersOn(aNode('a'), aPool('arena').cpu('1'));
  const answer = (reason: string) =>
    offers.map((record): OfferRecord => ({
      ...record,
      answer: reason === '' ? 'accepted' : 'declined',
      reason,
    }));
  for (const reason of ['no gang', 'no gang', 'no gang', 'too few', '', '', 'too few', 'too few']) {
    log.record(answer(reason), snapshot);
  }
  expect(log.entries.map((o) => o.reason)).toEqual(['no gang', 'too few', '', '', 'too few']);
});

test('forgets what frameworks said that offers were made to long ago', () => {
  const log = new OfferLog(2);
  const declines = ['one', 'two', 'three'].map((name) => {
    const { snapshot, offers } = offersOn(aNode('a'), aPool(name).cpu('1'));
    const declined = offers.map((record): OfferRecord => ({ ...record, answer: 'declined', reason: 'full' }));
    return () => log.record(declined, snapshot);
  });
  for (const decline of [...declines, declines[2]!, declines[0]!]) decline();
  expect(log.entries.map((o) => o.framework)).toEqual(['gsp/games/three', 'gsp/games/one']);
});
