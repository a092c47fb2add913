import { expect, test } from 'vitest';
import { Slices } from './slices.ts';

test('jobs take turns within a budget that they share, and one that fails ends alone', async () => {
  let now = 0;
  const slices = new Slices({ now: () => now, monotonic: () => now, sleep: () => Promise.resolve() });
  const order: string[] = [];
  let turns = 0;
  const countTurns = () => {
    turns += 1;
    if (order.length < 20) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const job = (name: string, steps: number) => {
    let left = steps;
    return slices.run(() => {
      order.push(name);
      now += 2;
      left -= 1;
      return left > 0;
    });
  };
  const failing = slices.run(() => {
    throw new Error('bad step');
  });
  await Promise.all([job('a', 10), job('b', 10), expect(failing).rejects.toThrow('bad step')]);
  expect(order).toHaveLength(20);
  expect(order.slice(0, 8).filter((name) => name === 'a')).toHaveLength(4);
  // 20 steps of 2 ms at 5 ms a turn are at least 6 turns: the event loop came round in between.
  expect(turns).toBeGreaterThanOrEqual(6);
});
