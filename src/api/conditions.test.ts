import { expect, test } from 'vitest';
import { setCondition, type Condition } from './conditions.ts';

const ready = (status: 'True' | 'False', lastTransitionTime: string, message = ''): Condition => ({
  type: 'Ready',
  status,
  reason: 'Because',
  message,
  lastTransitionTime,
});
const { lastTransitionTime: _, ...next } = ready('True', '', 'new words');

test.each<[what: string, before: Condition[], time: string]>([
  ['a new condition changes now', [], 'now'],
  ['a condition whose status changes, changes now', [ready('False', 'then')], 'now'],
  ['a condition whose words change keeps its time', [ready('True', 'then')], 'then'],
])('%s', (_what, before, time) => {
  expect(setCondition(before, next, 'now')).toEqual([{ ...next, lastTransitionTime: time }]);
});

test('other conditions stay, and the list that was given is not touched', () => {
  const placed = { ...ready('True', 'then'), type: 'Placed' };
  const before = [ready('False', 'then'), placed];
  expect(setCondition(before, next, 'now')).toEqual([placed, { ...next, lastTransitionTime: 'now' }]);
  expect(before).toEqual([ready('False', 'then'), placed]);
});

test('a message that is too long for a status is cut, and is the same the next time', () => {
  const long = { ...next, message: 'no '.repeat(1_000_000) };
  const once = setCondition([], long, 'now');
  expect(once[0]!.message).toHaveLength(1024);
  expect(setCondition(once, long, 'later')).toEqual(once);
});
