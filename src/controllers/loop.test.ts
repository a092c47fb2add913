import { expect, test } from 'vitest';
import { lookEvery } from './loop.ts';

/** A clock on which each sleep is over at once. */
const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };

test('a look that throws is told and ends nothing, and who does not lead does not look', async () => {
  const stop = new AbortController();
  const told: object[] = [];
  const error = (fields: object) => void told.push(fields);
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error };
  let asked = 0;
  let looks = 0;
  await lookEvery(1, { clock, log, mayDecide: () => ++asked > 3 }, 'servers', stop.signal, () => {
    if (++looks === 3) stop.abort();
    if (looks === 1) throw new Error('odd object');
  });
  expect([asked, looks]).toEqual([6, 3]);
  expect(told).toMatchObject([{ what: 'servers', error: 'odd object' }]);
});
