import { describe, expect, test } from 'vitest';
import { faultGrade, HEALTHY } from './health.ts';
import { healthOf, massSilence, shouldAsk, type Vitals } from './heartbeat.ts';

const well: Vitals = {
  silentMs: 5000,
  intervalMs: 10_000,
  notReadyMs: undefined,
  unreported: false,
  pressures: [],
  deleting: false,
  backMs: undefined,
  answers: false,
};

describe('the health of an agent', () => {
  test('without anything to complain of is the one healthy state', () => {
    expect(healthOf(well)).toBe(HEALTHY);
    expect(healthOf({ ...well, silentMs: undefined })).toBe(HEALTHY);
  });

  test.each([
    ['a heartbeat on time', { silentMs: 10_000 }, 0, ''],
    ['a heartbeat that is late by one slow write', { silentMs: 12_000 }, 0, ''],
    ['a heartbeat that is overdue counts from its last', { silentMs: 12_001 }, 12_001, 'no heartbeat'],
    ['Ready is not True since a while', { notReadyMs: 7000 }, 7000, 'not ready'],
    ['Ready is not True as of now', { notReadyMs: 0 }, 1, 'not ready'],
    [
      'no kubelet has reported, and nobody knows since when',
      { notReadyMs: 0, unreported: true },
      1,
      'its status has no Ready condition',
    ],
    ['a clock that is ahead of ours', { notReadyMs: -5000 }, 1, 'not ready'],
    [
      'silent and not ready counts the longer',
      { silentMs: 20_000, notReadyMs: 3000 },
      20_000,
      'no heartbeat',
    ],
  ] as const)('%s', (_, vitals, unfitMs, cause) => {
    expect(healthOf({ ...well, ...vitals })).toMatchObject({ unfitMs, cause });
  });

  test.each([
    ['answers', true],
    ['has not been asked', undefined],
  ])('a silent agent that %s is late, not lost', (_, answers) => {
    expect(healthOf({ ...well, silentMs: 60_000, answers })).toMatchObject({
      unfitMs: 1,
      cause: 'no heartbeat',
    });
  });

  test('an agent is asked a second before its heartbeat is late', () => {
    expect(shouldAsk({ silentMs: 11_000, intervalMs: 10_000 })).toBe(false);
    expect(shouldAsk({ silentMs: 11_001, intervalMs: 10_000 })).toBe(true);
    expect(shouldAsk({ silentMs: undefined, intervalMs: 0 })).toBe(false);
  });

  test('remembers when it was unfit, its pressures and its deletion', () => {
    expect(healthOf({ ...well, backMs: 4000 }).backMs).toBe(4000);
    expect(healthOf({ ...well, pressures: ['PIDPressure'] }).pressures).toEqual(['PIDPressure']);
    expect(healthOf({ ...well, deleting: true })).toMatchObject({ deleting: true, unfitMs: 0 });
  });
});

describe('the fault grade', () => {
  test.each([
    ['a healthy agent', {}, 0],
    ['one that is being deleted must not be taken', { deleting: true }, 1],
    ['one that is unfit at all must not be taken', { unfitMs: 1 }, 1],
    ['one under pressure is avoided', { pressures: ['DiskPressure'] }, 0.6],
    ['one that came back a moment ago is avoided', { backMs: 29_999 }, 0.4],
    ['one that came back half a minute ago is healthy', { backMs: 30_000 }, 0],
    ['pressure weighs more than flapping', { backMs: 0, pressures: ['DiskPressure'] }, 0.6],
  ])('of %s', (_, health, grade) => expect(faultGrade({ ...HEALTHY, ...health })).toBe(grade));
});

test.each([
  ['nobody is silent', 0, 10, false],
  ['half is a loss of nodes', 5, 10, false],
  ['more than half is a loss of sight', 6, 10, true],
  ['one node alone is a loss of that node', 1, 1, false],
  ['both of two are a loss of sight', 2, 2, true],
])('mass silence: %s', (_, silent, all, mass) => expect(massSilence(silent, all)).toBe(mass));
