import { beforeEach, describe, expect, test } from 'vitest';
import { parseResources, type Resources } from '../resources/resources.ts';
import { byAge, type FrameworkState, type Holding, type Membership, OutstandingOffer } from './state.ts';

/** As much of a holding as offers look at. */
const holdingOf = (id: string): Holding =>
  ({ agent: { id, unavailability: null }, newestOffer: null }) as unknown as Holding;
const bundle = (text: string): Resources => parseResources(text, 'test');

describe('offers that are out', () => {
  let all: OutstandingOffer[];
  let framework: FrameworkState;
  let member: Membership;
  let made: number;

  beforeEach(() => {
    all = [];
    made = 0;
    framework = { id: 'F', offers: [] as OutstandingOffer[] } as unknown as FrameworkState;
    member = { framework, role: { path: 'a/b' } } as unknown as Membership;
  });

  const offer = (holding: Holding, of = member): OutstandingOffer => {
    const next = new OutstandingOffer(++made, of, holding, bundle('cpus:1'));
    OutstandingOffer.enlist(next, all);
    return next;
  };
  const ids = (offers: readonly OutstandingOffer[]) => byAge(offers).map(({ id }) => id);
  /** Ids on the list of all, on the framework's and on that of a holding. */
  const lists = (holding: Holding) => [
    ids(all),
    ids(framework.offers),
    OutstandingOffer.of(holding).map(({ id }) => id),
  ];

  test('bear the names of what they link', () => {
    const holding = holdingOf('A');
    const one = offer(holding);
    expect(one.toJSON()).toEqual({
      id: 'O1',
      framework: 'F',
      role: 'a/b',
      agent: 'A',
      resources: bundle('cpus:1'),
      unavailability: null,
    });
    expect([one.number, one.holding, one.membership]).toEqual([1, holding, member]);
  });

  test('grow while they are made', () => {
    const one = new OutstandingOffer(1, member, holdingOf('A'), bundle('cpus:1'));
    one.grow(bundle('cpus:1;mem:5'));
    expect(one.resources).toBe(bundle('cpus:2;mem:5'));
    expect(one.isOut).toBe(false);
  });

  test('keep the window that the agent had when they were made', () => {
    const holding = {
      ...holdingOf('A'),
      agent: { id: 'A', unavailability: { start: 5 } },
    } as unknown as Holding;
    const one = offer(holding);
    holding.agent.unavailability = null;
    expect(one.unavailability).toEqual({ start: 5 });
  });

  test('are on three lists, the oldest first, until they are taken off, in whatever order', () => {
    const [here, there] = [holdingOf('A'), holdingOf('B')];
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ]) {
      const four = [offer(here), offer(there), offer(here), offer(here)];
      expect(four.every(({ isOut }) => isOut)).toBe(true);
      const left = new Set(four);
      for (const index of order) {
        const gone = four[index]!;
        OutstandingOffer.delist(gone, all);
        left.delete(gone);
        expect(gone.isOut).toBe(false);
        const rest = [...left];
        expect(lists(here)).toEqual([
          ids(rest),
          ids(rest),
          ids(rest.filter(({ holding }) => holding === here)),
        ]);
        expect(rest.every(({ isOut }) => isOut)).toBe(true);
      }
    }
  });

  test('are on the lists of their own framework alone', () => {
    const other = { framework: { id: 'G', offers: [] }, role: { path: 'a' } } as unknown as Membership;
    const mine = offer(holdingOf('A'));
    const theirs = offer(holdingOf('A'), other);
    const last = offer(holdingOf('B'));
    OutstandingOffer.delist(mine, all);
    expect([ids(all), ids(framework.offers), ids(other.framework.offers)]).toEqual([
      ['O2', 'O3'],
      ['O3'],
      ['O2'],
    ]);
    OutstandingOffer.delist(theirs, all);
    OutstandingOffer.delist(last, all);
    expect([all, framework.offers]).toEqual([[], []]);
  });

  test('are replaced in their places by another form', () => {
    const holding = holdingOf('A');
    const three = [offer(holding), offer(holding), offer(holding)];
    for (const [i, old] of three.entries()) {
      const other = OutstandingOffer.replace(old, bundle('cpus(a):1'), all);
      three[i] = other;
      expect([other.id, other.resources, other.isOut, old.isOut]).toEqual([
        old.id,
        bundle('cpus(a):1'),
        true,
        false,
      ]);
      expect(all).toEqual(three);
      expect(framework.offers).toEqual(three);
      expect(OutstandingOffer.of(holding)).toEqual(three);
    }
    OutstandingOffer.delist(three[1]!, all);
    expect(lists(holding)).toEqual([
      ['O1', 'O3'],
      ['O1', 'O3'],
      ['O1', 'O3'],
    ]);
  });

  test('can be alone in their holding', () => {
    const holding = holdingOf('A');
    const one = offer(holding);
    offer(holdingOf('B'));
    expect(OutstandingOffer.isAlone(one)).toBe(true);
    const two = offer(holding);
    expect([OutstandingOffer.isAlone(one), OutstandingOffer.isAlone(two)]).toEqual([false, false]);
    OutstandingOffer.delist(one, all);
    expect(OutstandingOffer.isAlone(two)).toBe(true);
  });
});
