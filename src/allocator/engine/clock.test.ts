import { beforeEach, describe, expect, test } from 'vitest';
import { EngineClock, secondsOf, ticksOf } from './clock.ts';
import { EventError } from './event-error.ts';

describe('the clock of an engine', () => {
  let clock: EngineClock;

  beforeEach(() => {
    clock = new EngineClock(2);
  });

  test('goes on as it is told, to the microsecond', () => {
    expect(clock.now).toBe(0);
    clock.advance(1.5);
    expect([clock.now, secondsOf(clock.now)]).toEqual([ticksOf(1.5), 1.5]);
    clock.advance(1.500001);
    expect(secondsOf(clock.now)).toBe(1.500001);
  });

  test('never goes back', () => {
    clock.advance(5);
    clock.advance(5);
    expect(() => clock.advance(4)).toThrow('time: 4 lies before 5, time never goes back');
    expect(() => clock.advance(4.999999)).toThrow(EventError);
    expect(() => clock.advance(Number.NaN)).toThrow('time: must be a number of seconds');
    expect(() => clock.advance(Infinity)).toThrow('time: must be a number of seconds');
  });

  test('stays after the batch run of an instant until it goes on', () => {
    clock.advance(5);
    const before = clock.now;
    clock.endBatch();
    expect([clock.now > before, secondsOf(clock.now)]).toEqual([true, 5]);
    const after = clock.now;
    clock.endBatch();
    clock.advance(5);
    expect(clock.now).toBe(after);
    expect(() => clock.advance(4)).toThrow('lies before 5');
    expect(clock.deadline(1)).toBe(ticksOf(6));
  });

  test('ends a filter after the interval at the earliest, and then not before its batch run', () => {
    clock.advance(10);
    expect(clock.filterEnd(1)).toBe(ticksOf(12) + 1);
    expect(clock.filterEnd(2)).toBe(ticksOf(12) + 1);
    expect(clock.filterEnd(2.5)).toBe(ticksOf(12.5));
    expect(clock.filterEnd(4)).toBe(ticksOf(14));
  });

  test('ends a filter of a time below zero after 5 seconds, and any within a year', () => {
    expect(clock.filterEnd(-1)).toBe(ticksOf(5));
    expect(clock.filterEnd(Number.NaN)).toBe(ticksOf(5));
    expect(clock.filterEnd(1e12)).toBe(ticksOf(365 * 86_400));
  });

  test('knows filters that are none', () => {
    for (const none of [null, 0]) {
      expect([clock.filterEnd(none), clock.inverseFilterEnd(none)]).toEqual([null, null]);
    }
  });

  test('does not lengthen filters of inverse offers to the interval', () => {
    expect(clock.inverseFilterEnd(1)).toBe(ticksOf(1) + 1);
    expect(clock.inverseFilterEnd(3)).toBe(ticksOf(3));
    expect(clock.inverseFilterEnd(-1)).toBe(ticksOf(5));
  });

  test('doubles a refusal with each decline in a row, up to a bound or to what was asked for', () => {
    const after = (asked: number | null) => [0, 1, 2, 3, 9].map((before) => clock.backOff(asked, before, 30));
    expect(after(5)).toEqual([5, 10, 20, 30, 30]);
    expect(after(40)).toEqual([40, 40, 40, 40, 40]);
    // What asks for no filter, or for less than the interval, begins with the interval.
    expect(after(null)).toEqual([null, 4, 8, 16, 30]);
    expect(after(1)).toEqual([1, 4, 8, 16, 30]);
  });
});
