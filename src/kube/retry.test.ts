import { describe, expect, test } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { KubeError, type KubeErrorInit } from './errors.ts';
import { withRetry, type Attempt } from './retry.ts';

const recordingClock = () => {
  const sleeps: number[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (ms) => {
      sleeps.push(ms);
      return Promise.resolve();
    },
  };
  return { clock, sleeps };
};

const failing = (times: number, init: Omit<KubeErrorInit, 'message'>) => {
  const attempts: Attempt[] = [];
  const fn = (attempt: Attempt) => {
    attempts.push(attempt);
    return attempt.number <= times
      ? Promise.reject(new KubeError({ message: 'no', ...init }))
      : Promise.resolve('done');
  };
  return { fn, attempts };
};

describe('withRetry', () => {
  test('waits as long as the server asks after a 429', async () => {
    const { clock, sleeps } = recordingClock();
    const { fn } = failing(1, { kind: 'throttled', retryAfterMs: 2000 });
    expect(await withRetry(fn, { clock, random: () => 0 })).toBe('done');
    expect(sleeps).toHaveLength(1);
    expect(sleeps[0]).toBeGreaterThanOrEqual(2000);
    expect(sleeps[0]).toBeLessThan(2100);
  });

  test('backs off exponentially with jitter after failures of the server and the network', async () => {
    const { clock, sleeps } = recordingClock();
    const { fn } = failing(4, { kind: 'server' });
    await withRetry(fn, { clock, random: () => 0 });
    expect(sleeps).toEqual([50, 100, 200, 400]);
  });

  test.each([
    'conflict',
    'alreadyExists',
    'notFound',
    'gone',
    'invalid',
    'forbidden',
    'unauthorized',
  ] as const)('leaves %s to the caller', async (kind) => {
    const { clock, sleeps } = recordingClock();
    const { fn, attempts } = failing(1, { kind });
    await expect(withRetry(fn, { clock, random: () => 0 })).rejects.toMatchObject({ kind });
    expect(attempts).toHaveLength(1);
    expect(sleeps).toEqual([]);
  });

  test('throws the last error when the attempts run out', async () => {
    const { clock } = recordingClock();
    const { fn, attempts } = failing(9, { kind: 'timeout' });
    await expect(withRetry(fn, { clock, random: () => 0, attempts: 3 })).rejects.toMatchObject({
      kind: 'timeout',
    });
    expect(attempts).toHaveLength(3);
  });

  test('says that an earlier attempt may have taken effect, and only then', async () => {
    const { clock } = recordingClock();
    const lost = failing(1, { kind: 'network', mayHaveApplied: true });
    await withRetry(lost.fn, { clock, random: () => 0 });
    expect(lost.attempts.map((a) => a.ambiguous)).toEqual([false, true]);
    const shed = failing(1, { kind: 'throttled' });
    await withRetry(shed.fn, { clock, random: () => 0 });
    expect(shed.attempts.map((a) => a.ambiguous)).toEqual([false, false]);
  });

  test('tells of each failure that another attempt follows', async () => {
    const { clock } = recordingClock();
    const { fn } = failing(9, { kind: 'server' });
    const told: [string, number][] = [];
    const onFailure = ({ kind }: KubeError, failures: number) => void told.push([kind, failures]);
    await expect(withRetry(fn, { clock, random: () => 0, attempts: 3, onFailure })).rejects.toThrow();
    expect(told).toEqual([
      ['server', 1],
      ['server', 2],
    ]);
  });

  test('stops waiting when the signal aborts', async () => {
    const abort = new AbortController();
    const { fn, attempts } = failing(9, { kind: 'server' });
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      sleep: () => {
        abort.abort();
        return Promise.resolve();
      },
    };
    await expect(withRetry(fn, { clock, random: () => 0, signal: abort.signal })).rejects.toMatchObject({
      kind: 'server',
    });
    expect(attempts).toHaveLength(1);
  });
});
