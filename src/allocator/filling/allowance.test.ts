import { describe, expect, test } from 'vitest';
import { columnOf } from '../resources/resource-kind.ts';
import type { Amounts } from '../roles/quota-book.ts';
import { Books, bundle } from '../roles/books.test-helper.ts';
import { Allowance, allowanceOf, topOf, type Refusal, type Stage } from './allowance.ts';

const CPUS = columnOf('cpus');
const MEM = columnOf('mem');
const { items } = bundle('cpus:2;mem:10');

const list = (cpus?: number, mem?: number): Amounts => {
  const amounts: Amounts = [];
  if (cpus !== undefined) amounts[CPUS] = cpus;
  if (mem !== undefined) amounts[MEM] = mem;
  return amounts;
};

/** An allowance whose refusals name what was asked of them. */
const allowance = (left: Amounts | null, lacking: Amounts | null = null) =>
  new Allowance(left, lacking, (column, spent, needs): Refusal => ({
    kind: 'headroom',
    column,
    free: spent,
    kept: 0,
    needs,
  }));

describe('how many tasks fit', () => {
  test('is as many as are wanted where quota has no say', () => {
    expect(allowance(null).fit(items, 7, null)).toBe(7);
    expect(allowance(null).refusal(items, null)).toBeUndefined();
    expect(allowance(list()).fit(items, 7, null)).toBe(7);
  });

  test('goes by the name of which least is left', () => {
    expect(allowance(list(9000)).fit(items, 7, null)).toBe(4);
    expect(allowance(list(9000, 20_000)).fit(items, 7, null)).toBe(2);
    expect(allowance(list(9000)).fit(items, 3, null)).toBe(3);
    expect(allowance(list(1999)).fit(items, 3, null)).toBe(0);
  });

  test('is more where something is reserved for the role', () => {
    expect(allowance(list(3000, 10_000)).fit(items, 7, [3000, 10_000])).toBe(2);
    expect(allowance(list(3000, 10_000)).fit(items, 7, [3000, 0])).toBe(1);
    expect(allowance(list(0)).fit(items, 7, [1000, 0])).toBe(0);
  });

  test('does not go by what a task takes nothing of', () => {
    const none = [{ ...items[0]!, amount: 0 }, items[1]!];
    expect(allowance(list(0, 20_000)).fit(none, 7, null)).toBe(2);
  });
});

describe('what is spent', () => {
  test('is no more there, but for what came out of reservations', () => {
    const some = allowance(list(9000, 90_000));
    some.spend(items, 2, [1000, 90_000]);
    expect([some.spent[CPUS], some.spent[MEM]]).toEqual([3000, 0]);
    expect(some.fit(items, 99, null)).toBe(3);
    expect(some.fit(bundle('mem:10').items, 99, null)).toBe(9);
    some.spend(items, 1, null);
    expect([some.spent[CPUS], some.spent[MEM]]).toEqual([5000, 10_000]);
    expect(some.fit(items, 99, null)).toBe(2);
  });

  test('is counted for names that are not limited too', () => {
    const some = allowance(list());
    some.spend(items, 2, null);
    expect([some.spent[CPUS], some.spent[MEM]]).toEqual([4000, 20_000]);
    expect(some.fit(items, 5, null)).toBe(5);
  });

  test('is not counted where quota has no say', () => {
    const some = allowance(null);
    some.spend(items, 2, null);
    expect(some.spent).toEqual([]);
  });

  test('is no more lacking', () => {
    const some = allowance(list(), list(5000));
    some.spend(items, 2, null);
    expect(some.counted(items, 9, null)).toBe(1);
    some.spend(items, 1, null);
    expect(some.counts(items)).toBe(false);
  });
});

describe('a refusal', () => {
  test('is of the first name of which one more task needs more than is left', () => {
    const some = allowance(list(3000, 15_000));
    expect(some.refusal(items, null)).toBeUndefined();
    some.spend(items, 1, null);
    expect(some.refusal(items, null)).toMatchObject({ column: CPUS, free: 2000, needs: 2000 });
    expect(some.refusal(items, [1000, 0])).toMatchObject({ column: MEM, free: 10_000, needs: 10_000 });
    expect(some.refusal(items, [1000, 5000])).toBeUndefined();
    expect(some.refusal(items, [9000, 9000])).toBeUndefined();
  });
});

describe('in the stage of shares', () => {
  test('every task counts', () => {
    const some = allowance(list(9000));
    expect(some.isForGuarantee).toBe(false);
    expect([some.counts(items), some.counts([]), some.counted(items, 7, null)]).toEqual([true, true, 7]);
  });
});

describe('in the stage of guarantees', () => {
  test('a task counts that takes something of what is lacking', () => {
    const some = allowance(list(), list(1000));
    expect(some.isForGuarantee).toBe(true);
    expect(some.counts(items)).toBe(true);
    expect(some.counts(bundle('mem:10').items)).toBe(false);
    expect(some.counts([{ ...items[0]!, amount: 0 }])).toBe(false);
    expect(allowance(list(), list(0)).counts(items)).toBe(false);
  });

  test('as many count as it takes until nothing is lacking', () => {
    expect(allowance(list(), list(5000)).counted(items, 9, null)).toBe(3);
    expect(allowance(list(), list(4000)).counted(items, 9, null)).toBe(2);
    expect(allowance(list(), list(5000, 50_000)).counted(items, 9, null)).toBe(5);
    expect(allowance(list(), list(5000)).counted(items, 2, null)).toBe(2);
    expect(allowance(list(), list(0, 0)).counted(items, 9, null)).toBe(0);
    expect(allowance(list(), list(5000)).counted([{ ...items[0]!, amount: 0 }], 9, null)).toBe(0);
  });

  test('and what comes out of reservations does not bring it nearer', () => {
    expect(allowance(list(), list(4000)).counted(items, 9, [3000, 0])).toBe(4);
  });
});

describe('the allowance of a role', () => {
  const of = (books: Books, path: string, stage: Stage = 'shares') => {
    books.begin();
    return allowanceOf(books.book, books.role(path), stage);
  };
  const fit = (some: Allowance) => some.fit(items, 99, null);

  test('is without bounds where no quota counts it', () => {
    const books = new Books('cpus:20;mem:100').quota('b', '', 'cpus:4').join('F', 'a').join('G', 'b');
    const some = of(books, 'a');
    expect(fit(some)).toBe(99);
    some.spend(items, 1, null);
    expect(some.spent).toEqual([]);
  });

  test('is what its limits and those above it leave', () => {
    const books = new Books('cpus:20;mem:100')
      .quota('a', '', 'cpus:8')
      .quota('a/x', '', 'mem:30')
      .join('F', 'a/x');
    const some = of(books, 'a/x');
    expect(fit(some)).toBe(3);
    expect(fit(of(books.charge('F', 'cpus:5'), 'a/x'))).toBe(1);
  });

  test('counts what it spends where a quota above it wants to know', () => {
    const books = new Books('cpus:20;mem:100')
      .quota('a', 'cpus:1', '')
      .join('F', 'a/x')
      .charge('F', 'cpus:1');
    const some = of(books, 'a/x');
    expect(fit(some)).toBe(99);
    some.spend(items, 1, null);
    expect(some.spent[CPUS]).toBe(2000);
  });

  test('is for everybody what guarantees do not need, and for those who lack it that too', () => {
    const books = new Books('cpus:20;mem:100').quota('a', 'cpus:9', '').quota('b', 'cpus:5', 'cpus:8');
    books.join('F', 'a/x').join('G', 'b').join('H', 'c');
    // 20 less 14 that are kept.
    expect(fit(of(books, 'c'))).toBe(3);
    expect(fit(of(books, 'a/x'))).toBe(3);
    expect(fit(of(books, 'a/x', 'guarantees'))).toBe(7);
    expect(fit(of(books, 'b', 'guarantees'))).toBe(4);
    expect(of(books, 'b', 'guarantees').counted(items, 99, null)).toBe(3);
  });

  test('refuses in the name of the limit, with what was spent in the turn', () => {
    const books = new Books('cpus:20;mem:100').quota('a', '', 'cpus:6').quota('b', 'cpus:9', '');
    books.join('F', 'a').join('G', 'b').charge('F', 'cpus:3');
    const some = of(books, 'a');
    some.spend(items, 1, null);
    expect(some.refusal(items, null)).toEqual({
      kind: 'limit',
      column: CPUS,
      role: 'a',
      limit: 6000,
      used: 5000,
      needs: 2000,
    });
  });

  test('refuses in the name of headroom, without the own guarantee in its stage', () => {
    const books = new Books('cpus:12;mem:100').quota('a', 'cpus:4', '').quota('b', 'cpus:7', '');
    books.join('F', 'a').join('G', 'b');
    const some = of(books, 'a', 'guarantees');
    some.spend(items, 2, null);
    expect(some.refusal(items, null)).toEqual({
      kind: 'headroom',
      column: CPUS,
      free: 8000,
      kept: 7000,
      needs: 2000,
    });
    expect(of(books, 'a').refusal(items, null)).toEqual({
      kind: 'headroom',
      column: CPUS,
      free: 12_000,
      kept: 11_000,
      needs: 2000,
    });
  });

  test('holds a place apart to limits alone; what is taken there is not taken of the headroom', () => {
    const books = new Books('cpus:4;mem:100').quota('a', 'cpus:3', '').quota('b', '', 'cpus:6');
    books.join('F', 'a').join('G', 'b');
    const some = of(books, 'b');
    expect([some.fit(items, 9, null), some.fit(items, 9, null, true)]).toEqual([0, 3]);
    expect(some.refusal(items, null, true)).toBeUndefined();
    some.spend(items, 2, null, true);
    expect([some.spent[CPUS], some.spentApart[CPUS]]).toEqual([4000, 4000]);
    expect([some.fit(bundle('cpus:1').items, 9, null), some.fit(items, 9, null, true)]).toEqual([1, 1]);
    some.spend(items, 1, null, true);
    expect(some.refusal(items, null, true)).toMatchObject({ kind: 'limit', used: 6000 });
  });

  test('counts what is taken in a place apart towards the guarantee, so that less may be taken for it where more is kept than there is', () => {
    const books = new Books('cpus:8;mem:100').quota('a', 'cpus:6', '').quota('b', 'cpus:6', '');
    books.join('F', 'a').join('G', 'b');
    const one = bundle('cpus:1').items;
    const some = of(books, 'a', 'guarantees');
    expect(some.fit(one, 9, null)).toBe(6);
    some.spend(one, 1, null, true);
    expect(some.fit(one, 9, null)).toBe(5);
    some.spend(one, 4, null, true);
    // Of 8, 6 are for b by now.
    expect(some.fit(one, 9, null)).toBe(2);
  });
});

test('the top-level role of a role is the last above it, or itself', () => {
  const books = new Books('cpus:1').join('F', 'a/b/c');
  expect(topOf(books.role('a/b/c'))).toBe(books.role('a'));
  expect(topOf(books.role('a'))).toBe(books.role('a'));
});
