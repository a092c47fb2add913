import { beforeEach, expect, test } from 'vitest';
import { SilentWatch } from './silent-watch.ts';

let now: number;
let unseenSince: number | undefined;
let lastEventAt: number;
let lists: (() => void)[];
let watch: SilentWatch;

beforeEach(() => {
  now = 100_000;
  unseenSince = undefined;
  lastEventAt = 0;
  lists = [];
  const quiet = () => {};
  watch = new SilentWatch({
    assumed: { unseenSince: () => unseenSince },
    mirror: {
      get lastEventAt() {
        return lastEventAt;
      },
      resync: () => new Promise((resolve) => lists.push(resolve)),
    },
    clock: { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
});

test('a watch that owes nothing may be silent for ever', () => {
  watch.check();
  expect(lists).toHaveLength(0);
});

test('a watch that brings nothing for 10 s after a write of ours is silent', () => {
  unseenSince = now - 9999;
  watch.check();
  expect(lists).toHaveLength(0);
  now += 1;
  watch.check();
  expect(lists).toHaveLength(1);
});

test('a watch that lags, but brings something, is not', () => {
  unseenSince = now - 60_000;
  lastEventAt = now - 9999;
  watch.check();
  expect(lists).toHaveLength(0);
});

test('one list at a time, and another when the next watch is silent, too', async () => {
  unseenSince = now - 10_000;
  watch.check();
  watch.check();
  expect(lists).toHaveLength(1);
  lists[0]!();
  await Promise.resolve();
  lastEventAt = now;
  now += 9999;
  watch.check();
  expect(lists).toHaveLength(1);
  now += 1;
  watch.check();
  expect(lists).toHaveLength(2);
});
