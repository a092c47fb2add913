import { describe, expect, test } from 'vitest';
import { columnOf } from '../resources/resource-kind.ts';
import { Pile } from './pile.test-helper.ts';

const CPUS = columnOf('cpus');

describe('progressive filling', () => {
  test("gives the DRF paper's users 3 and 2 tasks", () => {
    const pile = new Pile('cpus:9;mem:18')
      .wants('A', 'A', 'cpus:1;mem:4', 99)
      .wants('B', 'B', 'cpus:3;mem:1', 99);
    expect(pile.fill().tasks).toEqual({ A: 3, B: 2 });
  });

  test('serves equal tasks that would be served one after another at once', () => {
    const pile = new Pile('cpus:100').wants('A', 'A', 'cpus:1', 70).wants('B', 'B', 'cpus:10', 99);
    pile.fill();
    // A first by name; level at ten, A was served more often; so on, until B's next task does not fit.
    expect(pile.turns.slice(0, 4)).toEqual(['A:1', 'B:1', 'A:9', 'B:1']);
    expect(pile.tasks).toEqual({ A: 50, B: 5 });
  });

  test('divides shares by weights, subtree by subtree, and then by those of the frameworks', () => {
    const pile = new Pile('cpus:60')
      .weight('a', 2)
      .wants('F1', 'a/x', 'cpus:1', 99)
      .wants('F2', 'a/y', 'cpus:1', 99)
      .wants('F3', 'b', 'cpus:1', 99)
      .wants('F4', 'b', 'cpus:1', 99);
    expect(pile.fill().tasks).toEqual({ F1: 20, F2: 20, F3: 10, F4: 10 });
  });

  test('serves the higher rank of a role first, whatever it has, but not before other roles', () => {
    const pile = new Pile('cpus:12')
      .wants('low', 'a', 'cpus:1', 9)
      .wants('high', 'a', 'cpus:1', 5, { rank: 1 })
      .wants('other', 'b', 'cpus:1', 99);
    expect(pile.fill().tasks).toEqual({ high: 5, low: 1, other: 6 });
  });

  test('gives a gang everything in one turn or nothing', () => {
    const pile = new Pile('cpus:10')
      .wants('G', 'a', 'cpus:1', 8, { gang: true })
      .wants('H', 'b', 'cpus:1', 3, { gang: true })
      .wants('I', 'c', 'cpus:1', 99);
    expect(pile.fill().tasks).toEqual({ G: 8, H: 0, I: 2 });
  });

  test('draws lots where the sorters do, the same ones for the same keys', () => {
    const drawn = (key: number) =>
      new Pile('cpus:20', { roleSorter: 'random' })
        .wants('A', 'A', 'cpus:1', 99)
        .wants('B', 'B', 'cpus:1', 99)
        .fill(key).turns;
    expect(drawn(7)).toEqual(drawn(7));
    expect(new Set([1, 2, 3, 4, 5].map((key) => drawn(key).join())).size).toBeGreaterThan(2);
    expect(drawn(7)).toHaveLength(20);
  });
});

describe('quota', () => {
  test('a limit of the role or of one above it ends its tasks, and says so', () => {
    const pile = new Pile('cpus:30')
      .quota('a', '', 'cpus:8')
      .quota('a/x', '', 'cpus:3.5')
      .wants('X', 'a/x', 'cpus:1', 99)
      .wants('Y', 'a/y', 'cpus:1', 99)
      .wants('Z', 'b', 'cpus:1', 10);
    expect(pile.fill().tasks).toEqual({ X: 3, Y: 5, Z: 10 });
    expect(pile.refusalOf('X')).toEqual({
      kind: 'limit',
      role: 'a/x',
      column: CPUS,
      limit: 3500,
      used: 3000,
      needs: 1000,
    });
    expect(pile.refusalOf('Y')).toMatchObject({ kind: 'limit', role: 'a', limit: 8000, used: 8000 });
    expect(pile.refusalOf('Z')).toBeUndefined();
  });

  test('a guarantee comes first, for the whole subtree, until it is met', () => {
    const pile = new Pile('cpus:12')
      .quota('a', 'cpus:7', '')
      .weight('b', 100)
      .wants('X', 'a/x', 'cpus:2', 99)
      .wants('B', 'b', 'cpus:1', 99);
    expect(pile.fill().tasks).toEqual({ X: 4, B: 4 });
  });

  test('what a guarantee lacks is kept for it, and who wanted it is told', () => {
    const pile = new Pile('cpus:10')
      .quota('a', 'cpus:6', '')
      .wants('A', 'a', 'cpus:2', 1)
      .wants('B', 'b', 'cpus:1', 99);
    // A has 2 of the 6; 4 are kept.
    expect(pile.fill().tasks).toEqual({ A: 1, B: 4 });
    expect(pile.refusalOf('B')).toEqual({
      kind: 'headroom',
      column: CPUS,
      free: 4000,
      kept: 4000,
      needs: 1000,
    });
  });

  test('what a task takes beyond its guarantee is not taken from the headroom of others', () => {
    const pile = new Pile('cpus:10;mem:10')
      .quota('a', 'cpus:4', '')
      .quota('b', 'mem:9', '')
      .wants('A', 'a', 'cpus:1;mem:1', 99);
    expect(pile.fill().tasks).toEqual({ A: 1 });
    expect(pile.refusalOf('A')).toMatchObject({ kind: 'headroom', free: 9000, kept: 9000, needs: 1000 });
  });

  test('a task that takes nothing of what is lacking waits for its fair share', () => {
    const pile = new Pile('cpus:10;gpus:2')
      .quota('a', 'cpus:4', '')
      .wants('A', 'a', 'gpus:1', 2)
      .wants('B', 'b', 'gpus:1;cpus:1', 2);
    expect(pile.fill().turns).toEqual(['A:1', 'B:1']);
  });

  test('a gang is within limits as a whole', () => {
    const pile = new Pile('cpus:10')
      .quota('a', '', 'cpus:4')
      .wants('G', 'a', 'cpus:1', 5, { gang: true })
      .wants('H', 'a', 'cpus:1', 4);
    expect(pile.fill().tasks).toEqual({ G: 0, H: 4 });
    expect(pile.refusalOf('G')).toMatchObject({ kind: 'limit', used: 0, needs: 5000 });
  });
});
