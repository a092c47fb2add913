import { describe, expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import { createHintReader } from './hints.ts';

const read = createHintReader();
const annotated = (annotations: Readonly<Record<string, string>>) => {
  const pod = aPod('arena-0');
  for (const [key, value] of Object.entries(annotations)) pod.annotation(`proffer.dev/${key}`, value);
  return read(pod.build());
};

describe('a counter', () => {
  test.each<[text: string, counter: { count: number; capacity: number | undefined } | undefined]>([
    ['3/16', { count: 3, capacity: 16 }],
    ['0', { count: 0, capacity: undefined }],
    ['17/16', { count: 17, capacity: 16 }],
    ['999999999/999999999', { count: 999_999_999, capacity: 999_999_999 }],
    ['1000000000', undefined],
    ['', undefined],
    ['03', undefined],
    ['-1/16', undefined],
    ['3/', undefined],
    ['3 / 16', undefined],
    ['3/16\n', undefined],
    ['1e3', undefined],
  ])('that says %j', (text, counter) => {
    expect(annotated({ 'counter.players': text }).counters['players']).toEqual(counter);
  });

  test('has any name, and those of servers that are alike are one object', () => {
    const [a, b] = [0, 1].map(() => annotated({ 'counter.rooms': '1/4', 'counter.__proto__': '2' }).counters);
    expect(Object.entries(a!)).toEqual([
      ['__proto__', { count: 2, capacity: undefined }],
      ['rooms', { count: 1, capacity: 4 }],
    ]);
    expect(a).toBe(b);
    expect(annotated({}).counters).toBe(annotated({ other: '1' }).counters);
  });

  test('is one of sixteen, whatever a server writes', () => {
    const many = Array.from({ length: 40 }, (_, i) => [`counter.c${String(i).padStart(2, '0')}`, '1']);
    const { counters } = annotated(Object.fromEntries(many) as Record<string, string>);
    expect(Object.keys(counters).at(-1)).toBe('c15');
  });
});

test.each([
  ['Drain', 'Drain'],
  ['Kill', 'Kill'],
  ['Maintenance', 'Maintenance'],
  ['kill', ''],
  ['', ''],
])('the intent %j counts as %j', (label, intent) => {
  expect(read(aPod('a').label('proffer.dev/intent', label).build()).intent).toBe(intent);
});

test.each([
  ['7', 7],
  ['-3', -3],
  ['0', 0],
  ['-0', 0],
  ['+1', 0],
  ['9999999999', 0],
  ['high', 0],
])('the deletion priority %j counts as %d', (text, priority) => {
  expect(annotated({ 'deletion-priority': text }).deletionPriority).toBe(priority);
});

test('a server answers, does not, or has not been asked', () => {
  const told = (status?: 'True' | 'False') => {
    const pod = aPod('a');
    if (status) pod.condition('proffer.dev/Answers', status);
    return read(pod.build()).answers;
  };
  expect([told('True'), told('False'), told()]).toEqual([true, false, undefined]);
});
