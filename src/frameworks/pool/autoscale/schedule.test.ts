import { expect, test } from 'vitest';
import { parseTime } from '../../../lib/time.ts';
import { effectOf } from './schedule.ts';

const at = (time: string) => parseTime(time);

test('hours are those of the time zone, also when its summer time begins and ends', () => {
  const nightly = () => ({ timeZone: 'Europe/Berlin', startCron: '0 20 * * *', durationSeconds: 7200 });
  const active = (time: string) => effectOf(nightly(), at(time)).active;
  // 28 March 2026 is the last day of winter time, UTC+1.
  expect([active('2026-03-28T18:59:59Z'), active('2026-03-28T19:00:00Z')]).toEqual([false, true]);
  expect([active('2026-03-28T20:59:59Z'), active('2026-03-28T21:00:00Z')]).toEqual([true, false]);
  expect([active('2026-03-29T17:59:59Z'), active('2026-03-29T18:00:00Z')]).toEqual([false, true]);
  expect([active('2026-10-25T18:30:00Z'), active('2026-10-25T19:00:00Z')]).toEqual([false, true]);
});

test('a start that lies in the hour that is left out comes after it', () => {
  const early = { timeZone: 'Europe/Berlin', startCron: '30 2 29 3 *', durationSeconds: 60 };
  expect(effectOf(early, at('2026-03-28T12:00:00Z')).changesAt).toBe(at('2026-03-29T01:00:00Z'));
});

test('starts that come before the last one is over make one long time', () => {
  const hourly = { timeZone: 'UTC', startCron: '0 * * * *', durationSeconds: 5400 };
  for (const time of ['2026-12-04T12:00:00Z', '2026-12-04T12:29:59Z', '2026-12-04T12:59:59Z'])
    expect(effectOf(hourly, at(time)).active).toBe(true);
});

test('from and until bound it', () => {
  const [from, until] = ['2026-12-04T12:00:00Z', '2026-12-05T12:00:00+01:00'];
  const once = { timeZone: 'UTC', from, until };
  expect(effectOf(once, at(from) - 1)).toMatchObject({ active: false, changesAt: at(from) });
  expect(effectOf(once, at(from))).toMatchObject({ active: true, changesAt: at('2026-12-05T11:00:00Z') });
  expect(effectOf(once, at(until))).toMatchObject({ active: false, changesAt: Infinity });
  const daily = { ...once, startCron: '0 18 * * *', durationSeconds: 86_400 };
  expect(effectOf(daily, at('2026-12-04T13:00:00Z'))).toMatchObject({
    active: true,
    changesAt: at('2026-12-04T18:00:00Z'),
  });
});

test('a day that never comes is never in effect', () => {
  const never = { timeZone: 'UTC', startCron: '0 0 31 2 *', durationSeconds: 60 };
  expect(effectOf(never, at('2026-12-04T12:00:00Z'))).toMatchObject({ active: false, changesAt: Infinity });
});

test('what was looked up is looked up again when a clock goes back', () => {
  const once = { timeZone: 'UTC', from: '2026-12-04T12:00:00Z' };
  expect(effectOf(once, at('2026-12-04T13:00:00Z')).active).toBe(true);
  expect(effectOf(once, at('2026-12-04T11:00:00Z')).active).toBe(false);
});

test('what cannot be read says why', () => {
  const times = { timeZone: 'UTC', startCron: '0 25 * * *', durationSeconds: 60 };
  expect(effectOf(times, at('2026-12-04T12:00:00Z')).fault).toContain('startCron "0 25 * * *" in UTC');
  expect(
    effectOf({ ...times, startCron: '0 2 * * *', timeZone: 'Mars/X' }, at('2026-12-04T12:00:00Z')).fault,
  ).toContain('Mars/X');
});
