import { expect, test } from 'vitest';
import { Refusals } from './refusals.ts';

/** When the hold of a framework that is in force ends. */
function endOfHold(refusals: Refusals, framework: string, now: number): number {
  let end = now;
  while (refusals.holds(end).has(framework)) end += 100;
  return end;
}
const held = (refusals: Refusals, now: number) => [...refusals.holds(now)];

test('a framework whose Pod was refused is held for a second, with the words of the API server', () => {
  const refusals = new Refusals();
  refusals.refused('gsp/a/b', 'exceeded quota', 1000);
  const hold = { reason: 'PodRefused', message: 'the API server refused a Pod: exceeded quota' };
  expect(held(refusals, 1999)).toEqual([['gsp/a/b', hold]]);
  expect(held(refusals, 2000)).toEqual([]);
});

test('each further refusal doubles the wait, up to a minute', () => {
  const refusals = new Refusals();
  let now = 0;
  const waits = Array.from({ length: 9 }, () => {
    refusals.refused('gsp/a/b', 'no', now);
    const from = now;
    now = endOfHold(refusals, 'gsp/a/b', now);
    return now - from;
  });
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('the refusals of one plan count as one, and the last words stand', () => {
  const refusals = new Refusals();
  for (let i = 0; i < 50; i++) refusals.refused('gsp/a/b', `no ${i}`, 1000 + i);
  expect(endOfHold(refusals, 'gsp/a/b', 1100)).toBe(2000);
  expect(refusals.holds(1050).get('gsp/a/b')?.message).toContain('no 49');
});

test('a new spec cleans the slate of its framework alone', () => {
  const refusals = new Refusals();
  refusals.refused('gsp/a/b', 'no', 0);
  refusals.refused('gsp/a/c', 'no', 500);
  refusals.cleared('gsp/a/b');
  expect([...refusals.holds(600).keys()]).toEqual(['gsp/a/c']);
  refusals.refused('gsp/a/b', 'no', 600);
  expect(endOfHold(refusals, 'gsp/a/b', 600)).toBe(1600);
});

test('a Pod that was on its way before the refusal settles nothing', () => {
  const refusals = new Refusals();
  refusals.refused('gsp/a/b', 'no', 0);
  expect(refusals.accepted('gsp/a/b', 10)).toBe(true);
  expect(endOfHold(refusals, 'gsp/a/b', 100)).toBe(1000);
});

test('a Pod that is tried after the hold settles it, once', () => {
  const refusals = new Refusals();
  refusals.refused('gsp/a/b', 'no', 0);
  expect(refusals.probing('gsp/a/b', 999)).toBe(false);
  expect(refusals.probing('gsp/a/b', 1000)).toBe(true);
  expect(refusals.accepted('gsp/a/b', 1001)).toBe(true);
  expect(refusals.accepted('gsp/a/b', 1002)).toBe(false);
  expect(refusals.probing('gsp/a/b', 1003)).toBe(false);
});

test('who is accepted and refused by turns waits longer and longer, and starts anew after a quiet minute', () => {
  const refusals = new Refusals();
  refusals.refused('tj/a/b', 'no', 0);
  refusals.accepted('tj/a/b', 1000);
  refusals.refused('tj/a/b', 'no', 1010);
  expect(endOfHold(refusals, 'tj/a/b', 1010)).toBe(3010);
  refusals.refused('tj/a/b', 'no', 63_011);
  expect(endOfHold(refusals, 'tj/a/b', 63_011)).toBe(64_011);
});

test('what is told of a hold says whose refusal it is', () => {
  const refusals = new Refusals('admission changes its Pods');
  refusals.refused('gsp/a/b', 'it changes labels', 0);
  expect(refusals.holds(0).get('gsp/a/b')?.message).toBe('admission changes its Pods: it changes labels');
});
