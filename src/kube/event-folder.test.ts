import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventFolder, type FoldLimits, type RecordedEvent } from './event-folder.ts';

const limits: FoldLimits = {
  windowMs: 100,
  seriesMs: 1000,
  series: 10,
  queue: 5,
  folds: 2,
  burst: 3,
  refillMs: 500,
};

const owner = (uid: string) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  namespace: 'a',
  name: uid,
  uid,
});

const event = (
  fields: { uid?: string; note?: string; reason?: string; owner?: string } = {},
): RecordedEvent => ({
  regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'p', uid: fields.uid ?? 'u' },
  ...(fields.owner === undefined ? {} : { owner: owner(fields.owner) }),
  type: 'Normal',
  reason: fields.reason ?? 'Placed',
  action: 'Place',
  note: fields.note ?? 'on n1',
});

describe('EventFolder', () => {
  test('the first of its kind is due at once, its repetitions once a window, with their count', () => {
    const folder = new EventFolder(limits);
    folder.add(event(), 1000, 0);
    expect(folder.nextInMs(0)).toBe(0);
    const series = folder.take(0);
    expect(series).toMatchObject({ count: 1, firstAt: 1000 });
    for (let ms = 10; ms <= 50; ms += 10) folder.add(event(), 1000 + ms, ms);
    expect(folder.take(50)).toBeUndefined();
    expect(folder.nextInMs(50)).toBe(50);
    expect(folder.take(100)).toBe(series);
    expect(series).toMatchObject({ count: 6, lastAt: 1050 });
    expect(folder.nextInMs(100)).toBeUndefined();
  });

  test('another note is another event, for the API server lets no note change', () => {
    const folder = new EventFolder(limits);
    folder.add(event(), 0, 0);
    folder.add(event({ note: 'on n2' }), 0, 0);
    expect(folder.waiting).toBe(2);
  });

  test('after a quiet time a new series starts', () => {
    const folder = new EventFolder(limits);
    folder.add(event(), 0, 0);
    const first = folder.take(0);
    folder.add(event(), 2000, 2000);
    const second = folder.take(2000);
    expect(second).not.toBe(first);
    expect(second?.count).toBe(1);
  });

  test('one object cannot flood with one reason, and earns its right back', () => {
    const folder = new EventFolder({ ...limits, queue: 10 });
    const added = ['a', 'b', 'c', 'd'].map((note) => folder.add(event({ note }), 0, 0));
    expect(added).toEqual(['kept', 'kept', 'kept', 'folded']);
    expect(folder.add(event({ uid: 'other' }), 0, 0)).toBe('kept');
    expect(folder.add(event({ reason: 'Recovered' }), 0, 0)).toBe('kept');
    expect(folder.add(event({ note: 'd' }), 500, 500)).toBe('kept');
    expect(folder.add(event({ note: 'e' }), 500, 500)).toBe('folded');
  });

  test('where too many wait, those of one owner and reason are one with a count', () => {
    const folder = new EventFolder(limits);
    const taken = Array.from({ length: 20 }, (_, n) =>
      folder.add(event({ uid: `p${n}`, owner: 'set' }), n, n),
    );
    expect(taken).toEqual([...Array(5).fill('kept'), ...Array(15).fill('folded')]);
    const written = Array.from({ length: folder.waiting }, () => folder.take(20));
    expect(written.map((series) => [series?.event.regarding.kind, series?.count])).toEqual([
      ...Array.from({ length: 5 }, () => ['Pod', 1]),
      ['ReplicaSet', 15],
    ]);
    expect(written.at(-1)?.event).not.toHaveProperty('owner');
  });

  test('of more owners than may wait so, the events are dropped, and say so', () => {
    const folder = new EventFolder({ ...limits, queue: 0 });
    const taken = ['a', 'b', 'c', 'a'].map((set, n) => folder.add(event({ uid: `p${n}`, owner: set }), 0, 0));
    expect(taken).toEqual(['folded', 'folded', 'dropped', 'folded']);
  });

  test('never holds more than its limits, loses none that it took, nor writes a series twice in a window', () => {
    const step = fc.record({
      uid: fc.nat(20),
      owner: fc.nat(3),
      reason: fc.nat(3),
      waitMs: fc.nat(60),
      takes: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const folder = new EventFolder(limits);
        const lastWrite = new Map<unknown, number>();
        let now = 0;
        let [taken, counted] = [0, 0];
        for (const { uid, owner, reason, waitMs, takes } of steps) {
          now += waitMs;
          const given = event({ uid: `u${uid}`, owner: `o${owner}`, reason: `r${reason}` });
          if (folder.add(given, now, now) !== 'dropped') taken += 1;
          expect(folder.waiting).toBeLessThanOrEqual(limits.queue + limits.folds);
          for (let n = 0; n < takes; n += 1) {
            const series = folder.take(now);
            if (series === undefined) continue;
            const before = lastWrite.get(series) ?? Number.NEGATIVE_INFINITY;
            expect(now - before).toBeGreaterThanOrEqual(limits.windowMs);
            lastWrite.set(series, now);
            counted += series.count - series.writtenCount;
            series.writtenCount = series.count;
          }
        }
        for (let series = folder.take(now, true); series; series = folder.take(now, true))
          counted += series.count - series.writtenCount;
        expect(counted).toBe(taken);
      }),
    );
  });
});
