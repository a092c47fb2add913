import { describe, expect, test } from 'vitest';
import { columnOf } from '../resources/resource-kind.ts';
import { Marks } from './accounts.ts';
import { Books, bundle, byName } from './books.test-helper.ts';
import { sumsOf } from '../resources/amounts.ts';

const CPUS = columnOf('cpus');
const MEM = columnOf('mem');

const lacks = (books: Books, path: string) => byName(books.book.unsatisfied(books.role(path)));
const room = (books: Books, path: string) => {
  const amounts = books.book.limitRoom(books.role(path));
  return amounts === null ? null : [amounts[CPUS], amounts[MEM]];
};
const surplus = (books: Books) => {
  const amounts = books.book.surplus();
  return amounts === null ? null : byName(amounts);
};

describe('a guarantee', () => {
  test('lacks what the role and those below it do not have, reservations included', () => {
    const books = new Books('cpus:20;mem:20').quota('a', 'cpus:6;mem:4', '').join('F', 'a/x').join('G', 'a');
    books.accounts.roles.countReservations(bundle('cpus(a):1'), 1);
    books.charge('F', 'cpus:2;mem:5').begin();
    expect(lacks(books, 'a')).toEqual({ cpus: 3000 });
    expect(books.book.unsatisfied(books.role('a'))).toHaveLength(1);
    books.charge('G', 'cpus:3').begin();
    expect(books.book.unsatisfied(books.role('a'))).toHaveLength(0);
    books.refund('G', 'cpus:1').begin();
    expect(lacks(books, 'a')).toEqual({ cpus: 1000 });
  });

  test('is one of top-level roles alone', () => {
    const books = new Books('cpus:20').quota('a/x', 'cpus:6', '').join('F', 'a/x').begin();
    expect(lacks(books, 'a/x')).toEqual({});
    expect(lacks(books, 'a')).toEqual({});
    expect(books.book.isEmpty).toBe(false);
  });

  test('is wanted while it is not met and there is a framework to take it', () => {
    const books = new Books('cpus:20').quota('a', 'cpus:2', '').join('F', 'b').begin();
    expect([books.book.isWanting, books.roles(Marks.wanting)]).toEqual([false, []]);
    books.join('G', 'a').begin();
    expect([books.book.isWanting, books.roles(Marks.wanting)]).toEqual([true, ['a']]);
    books.charge('G', 'cpus:1').begin();
    expect(books.book.isWanting).toBe(true);
    books.charge('G', 'cpus:1').begin();
    expect([books.book.isWanting, books.roles(Marks.wanting)]).toEqual([false, []]);
  });

  test('that was removed wants nothing', () => {
    const books = new Books('cpus:20').quota('a', 'cpus:2', '').join('G', 'a').begin();
    books.quota('a', '', '').begin();
    expect([books.book.isWanting, books.book.isEmpty, surplus(books)]).toEqual([false, true, null]);
    expect(books.roles(Marks.wanting)).toEqual([]);
    expect(books.roles(Marks.roomy)).toEqual(['a']);
  });
});

describe('headroom', () => {
  test('is what guarantees lack; what is free beyond it is for everybody', () => {
    const books = new Books('cpus:20;mem:20').quota('a', 'cpus:6', '').quota('b', 'cpus:1', '');
    books.join('F', 'a').join('G', 'c').charge('F', 'cpus:2').charge('G', 'cpus:4;mem:5').begin();
    expect(surplus(books)).toEqual({ cpus: 9000, mem: 15_000 });
    expect(books.book.headroom(CPUS, null)).toEqual({ free: 14_000, kept: 5000 });
    expect(books.book.headroom(CPUS, books.role('a'))).toEqual({ free: 14_000, kept: 1000 });
    expect(books.book.headroom(MEM, null)).toEqual({ free: 15_000, kept: 0 });
  });

  test('needs no looking after when every guarantee is met', () => {
    const books = new Books('cpus:20').quota('a', 'cpus:2', '').join('F', 'a').charge('F', 'cpus:2').begin();
    expect(surplus(books)).toBeNull();
  });

  test('is not over-drawn by more in use than there is', () => {
    const books = new Books('cpus:5').quota('a', 'cpus:2', '').join('F', 'b').charge('F', 'cpus:7').begin();
    expect(surplus(books)).toEqual({});
    expect(books.book.headroom(CPUS, null)).toEqual({ free: 0, kept: 2000 });
  });

  test('does not count what is reserved, used or not, nor what is uncounted', () => {
    const books = new Books('cpus:20').quota('a', 'cpus:1', '').join('F', 'b');
    books.accounts.roles.countReservations(bundle('cpus(b):6'), 1);
    books.charge('F', 'cpus(b):2;cpus:3').begin();
    // 20 less 5 held less the 4 of the reservation that nobody holds.
    expect(books.book.headroom(CPUS, null).free).toBe(11_000);
    books.accounts.uncounted[CPUS] = 5000;
    books.begin();
    expect(books.book.headroom(CPUS, null).free).toBe(6000);
  });
});

describe('a limit', () => {
  test('leaves room for what is not used up, name by name', () => {
    const books = new Books('cpus:20;mem:20').quota('a', '', 'cpus:4').join('F', 'a').join('G', 'b');
    books.charge('F', 'cpus:3').begin();
    expect(room(books, 'a')).toEqual([1000, undefined]);
    expect(room(books, 'b')).toBeNull();
    books.charge('F', 'cpus:3').begin();
    expect(room(books, 'a')).toEqual([0, undefined]);
  });

  test('counts reservations as used up', () => {
    const books = new Books('cpus:20').quota('a', '', 'cpus:4').join('F', 'a');
    books.accounts.roles.countReservations(bundle('cpus(a):3'), 1);
    expect(room(books.begin(), 'a')).toEqual([1000, undefined]);
  });

  test('holds below the role too, the strictest of all', () => {
    const books = new Books('cpus:20;mem:20').quota('a', '', 'cpus:4;mem:9').quota('a/x', '', 'cpus:3');
    books.join('F', 'a/x').join('G', 'a/y').charge('G', 'cpus:2').begin();
    expect(room(books, 'a/x')).toEqual([2000, 9000]);
    expect(room(books, 'a/y')).toEqual([2000, 9000]);
  });

  test('is that of the role alone where limits do not nest', () => {
    const books = new Books('cpus:20', { nestedLimits: false })
      .quota('a', '', 'cpus:4')
      .join('F', 'a/x')
      .begin();
    expect(room(books, 'a/x')).toBeNull();
    expect(books.book.limitAgainst(books.role('a/x'), CPUS, 99_000)).toBeNull();
  });

  test('that an amount would exceed is named, the nearest first', () => {
    const books = new Books('cpus:20').quota('a', '', 'cpus:4').quota('a/x', '', 'cpus:3').join('F', 'a/x');
    books.charge('F', 'cpus:2').begin();
    const against = (amount: number) => books.book.limitAgainst(books.role('a/x'), CPUS, amount);
    expect(against(1000)).toBeNull();
    expect(against(1500)).toEqual({ role: 'a/x', limit: 3000, used: 2000 });
    books.quota('a/x', '', '').begin();
    expect(against(2500)).toEqual({ role: 'a', limit: 4000, used: 2000 });
    expect(books.book.limitAgainst(books.role('a/x'), MEM, 1)).toBeNull();
  });

  test('that is reached takes the role out of the walk, until there is something that it does not limit', () => {
    const books = new Books('cpus:20').quota('a', '', 'cpus:4').join('F', 'a').join('G', 'b');
    books.charge('F', 'cpus:4').begin();
    expect(books.roles(Marks.roomy)).toEqual(['b']);
    books.accounts.totals.add(bundle('mem:5'));
    expect(books.begin().roles(Marks.roomy)).toEqual(['b', 'a']);
    books.quota('a', '', 'cpus:4;mem:0').begin();
    expect(books.roles(Marks.roomy)).toEqual(['b']);
    books.refund('F', 'cpus:1').begin();
    expect(books.roles(Marks.roomy)).toEqual(['b', 'a']);
  });
});

describe('what is given in a run', () => {
  test('counts at once for the role and all above it, and is headroom no more', () => {
    const books = new Books('cpus:20;mem:20').quota('a', 'cpus:6', 'cpus:9').quota('a/x', '', 'cpus:5');
    books.join('F', 'a/x').begin();
    books.book.spend(books.role('a/x'), [4000]);
    expect([lacks(books, 'a'), room(books, 'a/x')]).toEqual([{ cpus: 2000 }, [1000, undefined]]);
    expect(books.book.headroom(CPUS, null)).toEqual({ free: 16_000, kept: 2000 });
    books.book.spend(books.role('a/x'), [4000]);
    // Of the second four only two were lacking.
    expect(books.book.headroom(CPUS, null)).toEqual({ free: 12_000, kept: 0 });
    expect([books.book.isWanting, room(books, 'a')]).toEqual([false, [1000, undefined]]);
  });

  test('opens room to all when it was the last that headroom was kept for', () => {
    const books = new Books('cpus:20').quota('a', 'cpus:2', '').join('F', 'a').begin();
    const before = books.accounts.room;
    books.book.spend(books.role('a'), [1000]);
    expect(books.accounts.room).toBe(before);
    books.book.spend(books.role('a'), [1000]);
    expect(books.accounts.room).toBe(before + 1);
    books.book.spend(books.role('a'), [1000]);
    expect(books.accounts.room).toBe(before + 1);
  });

  test('by the engine, towards a guarantee and beyond it', () => {
    const books = new Books('cpus:20;mem:20').quota('a', 'cpus:3', 'cpus:9').join('F', 'a').begin();
    const before = books.accounts.room;
    books.book.spend(books.role('a'), sumsOf(bundle('cpus:2').items));
    books.book.spend(books.role('a'), sumsOf(bundle('mem:5').items), [], 'against limits');
    expect([lacks(books, 'a'), room(books, 'a')]).toEqual([{ cpus: 1000 }, [7000, undefined]]);
    expect(books.book.headroom(CPUS, null)).toEqual({ free: 18_000, kept: 1000 });
    expect(books.book.headroom(MEM, null)).toEqual({ free: 15_000, kept: 0 });
    expect([books.accounts.room, books.book.isWanting]).toEqual([before, true]);
    books.book.spend(books.role('a'), sumsOf(bundle('cpus:1').items));
    expect([books.accounts.room, books.book.isWanting, books.roles(Marks.wanting)]).toEqual([
      before + 1,
      false,
      [],
    ]);
  });

  test('by the engine in the second stage, to a role and where limits nest to those above', () => {
    for (const nestedLimits of [true, false]) {
      const books = new Books('cpus:20', { nestedLimits })
        .quota('a', '', 'cpus:9')
        .quota('a/x', '', 'cpus:5');
      books.join('F', 'a/x').begin();
      books.book.spend(books.role('a/x'), sumsOf(bundle('cpus:5').items), [], 'against limits');
      expect([room(books, 'a/x'), room(books, 'a')]).toEqual([
        [0, undefined],
        [nestedLimits ? 4000 : 9000, undefined],
      ]);
      expect(books.roles(Marks.roomy)).toEqual([]);
    }
  });

  test('takes of what is free', () => {
    const books = new Books('cpus:20').quota('a', 'cpus:3', '').join('F', 'b').begin();
    books.book.spend(books.role('b'), sumsOf(bundle('cpus:5').items), [], 'against limits');
    expect(surplus(books)).toEqual({ cpus: 12_000 });
  });
});

describe('a run may permit what the last one did not', () => {
  /** Ends a run, lets something happen, and begins the next. @returns whether it looks at refused room anew */
  const grows = (books: Books, happens: () => void): boolean => {
    books.begin().book.end();
    const before = books.accounts.room;
    happens();
    books.begin();
    return books.accounts.room > before;
  };

  test('when a role with quota gave something back or its quota changed, but not when it got something', () => {
    const books = new Books('cpus:20').quota('a', '', 'cpus:9').join('F', 'a').charge('F', 'cpus:5');
    expect(grows(books, () => {})).toBe(false);
    expect(grows(books, () => books.charge('F', 'cpus:1'))).toBe(false);
    expect(grows(books, () => books.refund('F', 'cpus:1'))).toBe(true);
    expect(grows(books, () => books.quota('a', '', 'cpus:10'))).toBe(true);
    expect(grows(books, () => books.quota('b', 'cpus:1', ''))).toBe(true);
  });

  test('when more is free of the headroom, but not when less is', () => {
    const books = new Books('cpus:20')
      .quota('a', 'cpus:9', '')
      .join('F', 'a')
      .join('G', 'b')
      .charge('G', 'cpus:5');
    expect(grows(books, () => {})).toBe(false);
    expect(grows(books, () => books.charge('G', 'cpus:1'))).toBe(false);
    expect(grows(books, () => books.refund('G', 'cpus:1'))).toBe(true);
    expect(grows(books, () => books.accounts.totals.add(bundle('mem:1')))).toBe(true);
    expect(grows(books, () => books.charge('F', 'cpus:9'))).toBe(true);
  });
});
