import { describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { ConfigError } from '../lib/errors.ts';
import { LeaseFence } from './lease-fence.ts';
import { acquired, heldForMs, microTime, observe, released, type Lease } from './lease-record.ts';
import { LeaderElector } from './lease.ts';

const lease = (holderIdentity: string, resourceVersion = '1'): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'l', namespace: 'n', resourceVersion },
  spec: {
    holderIdentity,
    leaseDurationSeconds: 15,
    leaseTransitions: 3,
    acquireTime: 'then',
    renewTime: 'then',
  },
});

describe('LeaseFence', () => {
  test('holds until its deadline and not a microsecond longer, seen from both threads', () => {
    let now = 1000;
    const ours = new LeaseFence(undefined, () => now);
    const theirs = new LeaseFence(ours.buffer, () => now);
    expect(ours.holds()).toBe(false);
    theirs.extend(2000);
    now = 1999.999;
    expect(ours.holds()).toBe(true);
    now = 2000;
    expect(ours.holds()).toBe(false);
    now = 1500;
    theirs.revoke();
    expect(ours.holds()).toBe(false);
  });

  test('shows how long the main thread has not turned', () => {
    let now = 1000;
    const main = new LeaseFence(undefined, () => now);
    const worker = new LeaseFence(main.buffer, () => now);
    now = 4000;
    expect(worker.silenceMs()).toBe(3000);
    main.beat();
    expect(worker.silenceMs()).toBe(0);
  });
});

describe('lease record', () => {
  test('another holds the lease for its duration since we saw it, whatever its times say', () => {
    const seen = observe(undefined, lease('other'), 1000);
    expect(heldForMs(seen, 'me', 1000)).toBe(15_000);
    expect(heldForMs(seen, 'me', 15_999)).toBe(1);
    expect(heldForMs(seen, 'me', 16_000)).toBe(0);
  });

  test('a renewal starts the wait anew, the same state does not', () => {
    const first = observe(undefined, lease('other', '1'), 1000);
    expect(observe(first, lease('other', '1'), 9000).seenAtMs).toBe(1000);
    expect(observe(first, lease('other', '2'), 9000).seenAtMs).toBe(9000);
  });

  test('our own lease and a released one can be had at once', () => {
    expect(heldForMs(observe(undefined, lease('me'), 0), 'me', 0)).toBe(0);
    expect(heldForMs(observe(undefined, lease(''), 0), 'me', 0)).toBe(0);
  });

  test('transitions count changes of the holder, and a renewal keeps the time of acquisition', () => {
    expect(acquired(undefined, 'me', 15_000, 0)).toMatchObject({
      leaseTransitions: 0,
      acquireTime: microTime(0),
    });
    expect(acquired(lease('other').spec, 'me', 15_000, 0)).toMatchObject({
      leaseTransitions: 4,
      acquireTime: microTime(0),
    });
    expect(acquired(lease('me').spec, 'me', 15_000, 0)).toMatchObject({
      leaseTransitions: 3,
      acquireTime: 'then',
    });
    expect(released(acquired(undefined, 'me', 15_000, 0), 0)).toMatchObject({ holderIdentity: '' });
  });

  test('times have six decimals', () => {
    expect(microTime(1)).toBe('1970-01-01T00:00:00.001000Z');
  });
});

test.each([
  { leaseDurationMs: 10_000, renewDeadlineMs: 10_000 },
  { leaseDurationMs: 1500, renewDeadlineMs: 1000, retryPeriodMs: 100 },
  { renewDeadlineMs: 2000, retryPeriodMs: 2000 },
  { identity: '' },
])('LeaderElector refuses terms that contradict each other: %o', (terms) => {
  const make = () =>
    new LeaderElector({
      access: { server: 'https://127.0.0.1', tls: {}, auth: { kind: 'none' }, namespace: 'n' },
      namespace: 'n',
      name: 'l',
      identity: 'me',
      clock: systemClock,
      random: Math.random,
      onStarted: () => {},
      onStopped: () => {},
      ...terms,
    });
  expect(make).toThrow(ConfigError);
});
