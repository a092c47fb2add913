import { Cron } from 'croner';
import type { SchedulePolicy } from '../../../api/pool/autoscale.ts';
import { messageOf } from '../../../lib/errors.ts';
import { formatTime, parseTime } from '../../../lib/time.ts';

/** Whether a schedule is in effect. */
export interface Effect {
  readonly active: boolean;
  /** When that may change, ms since the epoch; Infinity when it never does. */
  readonly changesAt: number;
  /** Why it cannot be read; then it is never in effect. */
  readonly fault?: string;
}

type Times = Pick<SchedulePolicy, 'timeZone' | 'startCron' | 'durationSeconds' | 'from' | 'until'>;

/** What was found last, and when. A pattern that is never due takes long to say so. */
const found = new WeakMap<Times, Effect & { readonly at: number }>();

function inEffect({ timeZone, startCron, durationSeconds = 0, ...between }: Times, now: number): Effect {
  const from = parseTime(between.from);
  const until = between.until === undefined ? Infinity : parseTime(between.until);
  if (now < from) return { active: false, changesAt: from };
  if (now >= until) return { active: false, changesAt: Infinity };
  if (startCron === undefined) return { active: true, changesAt: until };
  try {
    const cron = new Cron(startCron, { timezone: timeZone, mode: '5-part' });
    // The first start that is not over.
    const start = cron.nextRun(formatTime(now - durationSeconds * 1000))?.getTime() ?? Infinity;
    return start <= now
      ? { active: true, changesAt: Math.min(until, start + durationSeconds * 1000) }
      : { active: false, changesAt: Math.min(until, start) };
  } catch (error) {
    const fault = `startCron "${startCron}" in ${timeZone} cannot be read: ${messageOf(error).split('\n')[0]}`;
    return { active: false, changesAt: Infinity, fault };
  }
}

/** Looks a schedule up. @param now ms since the epoch */
export function effectOf(times: Times, now: number): Effect {
  const known = found.get(times);
  // A clock may go back.
  if (known && known.at <= now && now < known.changesAt) return known;
  const effect = { ...inEffect(times, now), at: now };
  found.set(times, effect);
  return effect;
}
