import { describe, expect, test } from 'vitest';
import { Marks } from './accounts.ts';
import { Books, bundle, byName } from './books.test-helper.ts';
import { columnsOf } from '../resources/resource-kind.ts';

describe('an account', () => {
  test('is opened once, and closed when its last framework leaves', () => {
    const books = new Books('cpus:10').join('F', 'a/b').join('G', 'a/b');
    const { accounts } = books;
    expect(accounts.open('a/b')).toBe(books.role('a/b'));
    expect(books.roles(Marks.offered)).toEqual(['a/b']);
    accounts.dismiss('F', books.member('F'));
    expect(books.members('a/b')).toEqual(['G']);
    expect(books.role('a/b').sorter).not.toBeNull();
    accounts.dismiss('G', books.member('G'));
    expect(books.role('a/b')).toBeUndefined();
    expect(books.role('a')).toBeUndefined();
    expect(books.roles(-1)).toEqual([]);
  });

  test('of a role with a weight or quota stays known, and opens anew', () => {
    const books = new Books('cpus:10').quota('a', '', 'cpus:5').join('F', 'a');
    books.accounts.dismiss('F', books.member('F'));
    const role = books.role('a');
    expect([role.sorter, role.client, role.members.size]).toEqual([null, null, 0]);
    expect(books.join('F', 'a').members('a')).toEqual(['F']);
  });
});

describe('what a framework gets', () => {
  test('counts in the order of roles, in that of the role, and in the sums', () => {
    const books = new Books('cpus:100;mem:100').join('F', 'a').join('G', 'a').join('H', 'b');
    books.charge('F', 'cpus:3;cpus(a):2;cpus{REV}:1;ports:[1-3]').charge('H', 'mem:1');
    const { accounts } = books;
    expect(books.members('a')).toEqual(['G', 'F']);
    expect(books.roles(Marks.offered)).toEqual(['b', 'a']);
    expect(accounts.roleSorter.shareOf(books.role('a').client!)).toBe(0.06);
    expect(byName(accounts.held.allocated)).toEqual({ cpus: 6000, mem: 1000 });
    expect(byName(accounts.heldReserved.allocated)).toEqual({ cpus: 2000 });
    expect(byName(books.role('a').plain)).toEqual({ cpus: 3000 });
  });

  test('is gone when it gives it back', () => {
    const text = 'cpus:3;cpus(a):2;mem:5';
    const books = new Books('cpus:100;mem:100').join('F', 'a').charge('F', text).refund('F', text);
    const { accounts } = books;
    expect(accounts.roleSorter.shareOf(books.role('a').client!)).toBe(0);
    expect(books.role('a').sorter!.shareOf(books.member('F').client)).toBe(0);
    expect(byName(accounts.held.allocated)).toEqual({});
    expect(byName(accounts.heldReserved.allocated)).toEqual({});
    expect(byName(books.role('a').plain)).toEqual({});
  });

  test('can take another form: reserved, and plain again', () => {
    const books = new Books('cpus:100').join('F', 'a').charge('F', 'cpus:5');
    const { accounts } = books;
    const sums = () => [
      byName(accounts.held.allocated)['cpus'],
      byName(accounts.heldReserved.allocated)['cpus'] ?? 0,
      byName(books.role('a').plain)['cpus'],
      accounts.roleSorter.shareOf(books.role('a').client!),
      books.role('a').sorter!.shareOf(books.member('F').client),
    ];
    accounts.exchange(books.member('F'), 'A', bundle('cpus:2'), bundle('cpus(a):2'));
    expect(sums()).toEqual([5000, 2000, 3000, 0.05, 0.05]);
    accounts.exchange(books.member('F'), 'A', bundle('cpus(a):1'), bundle('cpus:1'));
    expect(sums()).toEqual([5000, 1000, 4000, 0.05, 0.05]);
  });

  test('can be of several tasks, which the sorters count one by one', () => {
    const books = new Books('cpus:100').join('F', 'a').join('G', 'a').join('H', 'b');
    const { accounts } = books;
    accounts.charge(books.member('F'), 'A', bundle('cpus:4'), bundle('cpus:2'), 2);
    books.charge('G', 'cpus:4').charge('H', 'cpus:8');
    // Equal shares, but F and its role were served more often.
    expect(books.members('a')).toEqual(['G', 'F']);
    expect(books.roles(Marks.offered)).toEqual(['b', 'a']);
    expect(byName(accounts.held.allocated)).toEqual({ cpus: 16_000 });
  });

  test('shared counts once an agent', () => {
    const volume = 'disk(a){VOLUME=v,SHARED}:10';
    const books = new Books('disk:100').join('F', 'a').charge('F', volume).charge('F', volume);
    expect(byName(books.accounts.heldReserved.allocated)).toEqual({ disk: 10_000 });
    books.charge('F', volume, 'B');
    expect(byName(books.accounts.held.allocated)).toEqual({ disk: 20_000 });
    books.refund('F', volume).refund('F', volume);
    expect(byName(books.accounts.held.allocated)).toEqual({ disk: 10_000 });
  });
});

describe('who offers can be made to', () => {
  test('is found by its mark, and its role as long as it has one', () => {
    const books = new Books('cpus:10').join('F', 'a').join('G', 'a').join('H', 'b');
    const { accounts } = books;
    accounts.setOffered(books.member('F'), false);
    expect([books.members('a'), books.roles(Marks.offered)]).toEqual([['G'], ['a', 'b']]);
    accounts.setOffered(books.member('G'), false);
    expect([books.members('a'), books.roles(Marks.offered)]).toEqual([[], ['b']]);
    accounts.setOffered(books.member('G'), false);
    accounts.setOffered(books.member('F'), true);
    expect([books.members('a'), books.roles(Marks.offered)]).toEqual([['F'], ['a', 'b']]);
    expect(books.role('a').offeredMembers).toBe(1);
  });

  test('names that are excluded from fairness do not count', () => {
    const books = new Books('cpus:10;gpus:10', { unshared: columnsOf(['gpus']) })
      .join('F', 'a')
      .join('G', 'b');
    books.charge('F', 'gpus:9').charge('G', 'cpus:1');
    expect(books.roles(Marks.offered)).toEqual(['a', 'b']);
  });
});

describe('who is fresh', () => {
  test('is who became welcome since all agents were last shown', () => {
    const books = new Books('cpus:10').join('F', 'a').join('G', 'a').join('H', 'b');
    const { accounts } = books;
    expect([books.roles(Marks.fresh), books.members('a', Marks.fresh)]).toEqual([
      ['a', 'b'],
      ['F', 'G'],
    ]);
    expect(accounts.openings).toBe(3);
    accounts.settleFresh();
    expect(accounts.freshSince).toBe(3);
    expect([books.roles(Marks.fresh), books.members('a', Marks.fresh)]).toEqual([[], []]);
    expect(books.roles(Marks.offered)).toEqual(['a', 'b']);
    accounts.freshen(books.member('G'));
    accounts.freshen(books.member('G'));
    expect([books.roles(Marks.fresh), books.members('a', Marks.fresh)]).toEqual([['a'], ['G']]);
    expect([accounts.openings, books.role('a').freshMembers]).toEqual([5, 1]);
    accounts.settleFresh();
    expect(books.role('a').freshMembers).toBe(0);
  });

  test('is fresh again when offers can be made to it again', () => {
    const books = new Books('cpus:10').join('F', 'a');
    const { accounts } = books;
    accounts.settleFresh();
    accounts.setOffered(books.member('F'), false);
    expect(accounts.openings).toBe(1);
    accounts.setOffered(books.member('F'), true);
    expect([books.roles(Marks.fresh), accounts.openings]).toEqual([['a'], 2]);
  });

  test('does not show its role where offers can be made to nobody', () => {
    const books = new Books('cpus:10').join('F', 'a');
    books.accounts.settleFresh();
    books.accounts.setOffered(books.member('F'), false);
    books.accounts.freshen(books.member('F'));
    expect(books.roles(-1)).toEqual([]);
  });

  test('and leaves is fresh no more', () => {
    const books = new Books('cpus:10').join('F', 'a').join('G', 'a');
    const { accounts } = books;
    accounts.dismiss('F', books.member('F'));
    expect(books.role('a').freshMembers).toBe(1);
    accounts.settleFresh();
    accounts.dismiss('G', books.member('G'));
    expect(books.roles(-1)).toEqual([]);
  });
});

describe('who bids', () => {
  test('is found by its mark, and its role while one of its frameworks does', () => {
    const books = new Books('cpus:10').join('F', 'a').join('G', 'a').join('H', 'b');
    const { accounts } = books;
    expect(books.roles(Marks.bidding)).toEqual([]);
    for (const id of ['F', 'G']) accounts.setBidding(books.member(id), true);
    accounts.setBidding(books.member('F'), true);
    expect([books.roles(Marks.bidding), books.members('a', Marks.bidding)]).toEqual([['a'], ['F', 'G']]);
    accounts.setBidding(books.member('F'), false);
    expect([books.roles(Marks.bidding), books.members('a', Marks.bidding)]).toEqual([['a'], ['G']]);
    accounts.refreshMarks(books.role('a'));
    expect(books.roles(Marks.bidding)).toEqual(['a']);
    accounts.setBidding(books.member('G'), false);
    expect([books.roles(Marks.bidding), books.members('a', Marks.bidding)]).toEqual([[], []]);
    expect(books.members('a')).toEqual(['F', 'G']);
  });
});

test('frameworks and roles can be drawn by lot', () => {
  const books = new Books('cpus:10', { roleSorter: 'random', frameworkSorter: 'random' });
  for (const id of ['F', 'G', 'H', 'I', 'J', 'K']) books.join(id, `role-${id}`).join(`x${id}`, 'all');
  const { roleSorter } = books.accounts;
  const first = (key: number) => {
    roleSorter.start(key);
    return roleSorter.next(Marks.offered)!.path;
  };
  expect(new Set(Array.from({ length: 50 }, (_, key) => first(key))).size).toBeGreaterThan(3);
  const members = books.role('all').sorter!;
  const drawn = new Set<string>();
  for (let key = 0; key < 50; key++) {
    members.start(key);
    drawn.add(members.next(Marks.offered)!.path);
  }
  expect(drawn.size).toBeGreaterThan(3);
});
