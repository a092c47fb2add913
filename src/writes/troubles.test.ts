import { expect, test } from 'vitest';
import type { CreateCommand } from '../plan/command.ts';
import { Troubles } from './troubles.ts';

const create = (pool: string): CreateCommand =>
  ({ kind: 'create', framework: { id: `gsp/a/${pool}` }, pod: {} }) as unknown as CreateCommand;

test('a create is in trouble at its third failure, and is so once', () => {
  const troubles = new Troubles();
  const command = create('a');
  expect([1, 2, 3, 4].map((n) => troubles.failed(command, `no ${n}`, n, n))).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect([...troubles.byFramework()]).toEqual([['gsp/a/a', 'no 4']]);
});

test('a create whose first answer took long is in trouble at once', () => {
  const troubles = new Troubles();
  expect(troubles.failed(create('a'), 'no', 1, 4999)).toBe(false);
  expect(troubles.failed(create('a'), 'no', 1, 5000)).toBe(true);
});

test('a framework is in trouble as long as one of its creates is, in the words of the oldest', () => {
  const troubles = new Troubles();
  const [first, second, other] = [create('a'), create('a'), create('b')];
  troubles.failed(first, 'first', 3, 0);
  troubles.failed(second, 'second', 3, 0);
  troubles.failed(other, 'other', 3, 0);
  expect(troubles.over(first)).toBe(true);
  expect([...troubles.byFramework()]).toEqual([
    ['gsp/a/a', 'second'],
    ['gsp/a/b', 'other'],
  ]);
  expect(troubles.over(second)).toBe(true);
  expect(troubles.over(second)).toBe(false);
  expect([...troubles.byFramework().keys()]).toEqual(['gsp/a/b']);
  expect(troubles.size).toBe(1);
  troubles.clear();
  expect([troubles.size, troubles.over(other)]).toEqual([0, false]);
});
