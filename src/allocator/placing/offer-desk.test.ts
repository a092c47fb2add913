import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  required,
  term,
  type Buildable,
} from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import type { AnswerOffers, OfferBundle } from './offer.ts';
import { NodeOrder } from './node-order.ts';
import { Room } from '../room/room.ts';
import { OfferDesk } from './offer-desk.ts';
import { RuledOrder } from './ruled-order.ts';

const pool = () => aPool('p').cpu('1').memory('1Gi').replicas(9).port('game', 1);

/** A desk with one framework that answers as told, and what it was asked. */
function desk(answer: 'accept' | 'decline', ...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  const asked: OfferBundle[] = [];
  const reply: AnswerOffers = (bundle) => {
    asked.push(bundle);
    if (answer === 'decline') return { kind: 'decline', reason: 'no thanks' };
    const launches = bundle.offers.map((offer) => ({
      offer,
      vacancy: offer.demandClass.pending.at(0)!,
      ports: offer.ports,
    }));
    return { kind: 'accept', launches };
  };
  const made = new OfferDesk(new Room(snapshot, buildMatrices(snapshot, snapshot.classes)), reply);
  const find = (agent: number, tasks: number) => made.room.take(agent, 0, tasks);
  return { desk: made, asked, find, framework: snapshot.frameworks[0]! };
}

const two = () => [aNode('a').cpu('4'), aNode('b').cpu('4')];

describe('an offer', () => {
  test('says who may have what where, one for each agent, each with an id of its own', () => {
    const { desk: made, asked, find, framework } = desk('accept', ...two(), pool());
    const filled = new Map([[7, 1]]);
    expect(made.offer(framework, [find(0, 2), find(1, 1)], filled)).toBe(true);
    expect(made.offer(framework, [find(1, 1)], filled)).toBe(true);
    expect(asked[0]).toMatchObject({ framework, filled });
    const offers = asked.flatMap((bundle) => bundle.offers);
    expect(offers).toMatchObject([
      { framework: 0, role: framework.role, agent: 0, tasks: 2 },
      { framework: 0, role: framework.role, agent: 1, tasks: 1 },
      { framework: 0, role: framework.role, agent: 1, tasks: 1 },
    ]);
    expect(offers.map(({ ports }) => ports.length)).toEqual([2, 1, 1]);
    expect(offers.every(({ demandClass }) => demandClass === framework.classes[0])).toBe(true);
    expect(new Set(offers.map(({ id }) => id)).size).toBe(3);
  });

  test('that is accepted is launched, and keeps its room', () => {
    const { desk: made, find, framework } = desk('accept', ...two(), pool());
    made.offer(framework, [find(0, 2)], new Map());
    const { launches, offers, declined, givenBack, rest } = made.end([]);
    expect(launches).toHaveLength(1);
    expect(offers).toMatchObject([{ answer: 'accepted', reason: '', offer: { agent: 0, tasks: 2 } }]);
    expect([declined.size, givenBack.size]).toEqual([0, 0]);
    expect(rest.supply[0]).toBe(2000);
  });

  test('that is declined launches nothing, and is told with the reason of the framework', () => {
    const { desk: made, find, framework } = desk('decline', ...two(), pool());
    const found = [find(0, 2), find(1, 1)];
    expect(made.offer(framework, found, new Map())).toBe(false);
    const { launches, offers, declined, givenBack } = made.end([]);
    expect(launches).toEqual([]);
    expect(offers.map(({ answer, reason }) => `${answer}: ${reason}`)).toEqual([
      'declined: no thanks',
      'declined: no thanks',
    ]);
    expect([...declined]).toEqual([[0, 'no thanks']]);
    expect(givenBack.get(0)).toEqual(found);
  });
});

test('a refusal is told by class', () => {
  const { desk: made } = desk('accept', ...two(), pool());
  const refusal = { kind: 'headroom', column: 1, free: 1, kept: 2, needs: 3 } as const;
  made.refuse(0, refusal);
  expect([...made.end([]).refused]).toEqual([[0, refusal]]);
});

describe('the order of a row', () => {
  test('is kept until the row is done with', () => {
    const { desk: made } = desk('accept', ...two(), pool());
    const order = made.orderOf(0);
    expect(made.orderOf(0)).toBe(order);
    made.close(0);
    expect(made.orderOf(0)).not.toBe(order);
  });

  test('looks at other Pods where the rules of the class say so', () => {
    const alone = aPool('alone')
      .podLabel('app', 'alone')
      .cpu('1')
      .specField('affinity', { podAntiAffinity: required(term('zone', 'alone')) });
    const { desk: made } = desk('accept', ...two(), alone, pool(), aPod('x').on('a'));
    const orders = made.room.matrices.classes.map((_, row) => made.orderOf(row));
    const byName = made.room.matrices.classes.map(
      ({ framework }) => made.room.snapshot.frameworks[framework]!.metadata.name,
    );
    expect(orders[byName.indexOf('alone')]).toBeInstanceOf(RuledOrder);
    expect(orders[byName.indexOf('p')]).toBeInstanceOf(NodeOrder);
  });
});
