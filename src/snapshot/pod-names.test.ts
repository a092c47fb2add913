import { expect, test } from 'vitest';
import { PodNames } from './pod-names.ts';

test('a name is that of its base and slot, or the first -rN that no Pod has', () => {
  const name = new PodNames(new Set(['x/a-1', 'x/a-1-r1', 'y/a-0'])).open('x', 'a', () => true);
  expect([0, 1, 2].map(name)).toEqual(['a-0', 'a-1-r2', 'a-2']);
});

test('groups of one base that have a vacancy in one slot share its names in the order in which they were opened', () => {
  const names = new PodNames(new Set(['x/a-0-r1']));
  const first = names.open('x', 'a', (slot) => slot === 0);
  const second = names.open('x', 'a', () => true);
  const elsewhere = names.open('y', 'a', () => true);
  expect([second(0), second(1), first(0), elsewhere(0)]).toEqual(['a-0-r2', 'a-1', 'a-0', 'a-0']);
});
