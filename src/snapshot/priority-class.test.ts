import { describe, expect, test } from 'vitest';
import { troubleText } from './class-trouble.ts';
import { PriorityClasses, priorityClassFacts } from './priority-class.ts';

const aClass = (name: string, fields: object) => priorityClassFacts({ metadata: { name }, ...fields });
const spec = (fields: object) => ({ containers: [{ name: 'main' }], ...fields });

const high = aClass('high', { value: 1000, preemptionPolicy: 'PreemptLowerPriority' });
const night = aClass('night', { value: -10, preemptionPolicy: 'Never' });
const usual = aClass('usual', { value: 5, globalDefault: true, preemptionPolicy: 'Never' });
const classes = new PriorityClasses([high, night]);

describe('the rank of a template', () => {
  test('is that of its class', () => {
    expect(classes.rankOf(spec({ priorityClassName: 'high' }))).toMatchObject({
      priority: 1000,
      preempts: true,
    });
    expect(classes.rankOf(spec({ priorityClassName: 'night' }))).toMatchObject({
      priority: -10,
      preempts: false,
    });
  });

  test('without a class is that of the default class, or 0', () => {
    expect(classes.rankOf(spec({}))).toEqual({ priority: 0, preempts: true });
    expect(classes.rankOf(spec({ priorityClassName: '' }))).toEqual({ priority: 0, preempts: true });
    const withDefault = new PriorityClasses([high, usual]);
    expect(withDefault.rankOf(spec({}))).toMatchObject({ priority: 5, preempts: false });
    expect(withDefault.rankOf(spec({ priorityClassName: 'high' }))).toMatchObject({ priority: 1000 });
  });

  test('of two default classes it is that of the lower one, in any order', () => {
    const lower = aClass('lower', { value: 3, globalDefault: true });
    for (const both of [
      [lower, usual],
      [usual, lower],
    ])
      expect(new PriorityClasses(both).rankOf(spec({}))).toMatchObject({ priority: 3, preempts: true });
  });
});

describe('what the API server would refuse', () => {
  test.each<[what: string, fields: object]>([
    ['no class', {}],
    ['a class that exists', { priorityClassName: 'high' }],
    [
      'what a Pod of the class bears',
      { priorityClassName: 'high', priority: 1000, preemptionPolicy: 'PreemptLowerPriority' },
    ],
    ['what a Pod without a class bears', { priority: 0, preemptionPolicy: 'PreemptLowerPriority' }],
    ['the policy of its class', { priorityClassName: 'night', preemptionPolicy: 'Never' }],
  ])('not %s', (_, fields) => expect(classes.troubleOf(spec(fields))).toBeUndefined());

  test.each<[message: string, fields: object]>([
    [
      'priorityClassName: there is no PriorityClass "lost": create it, or name another',
      { priorityClassName: 'lost' },
    ],
    [
      'priority: 7 is not what its PriorityClass says (1000): remove it',
      { priorityClassName: 'high', priority: 7 },
    ],
    ['priority: 7 is not what its PriorityClass says (0): remove it', { priority: 7 }],
    [
      'preemptionPolicy: Never is not what its PriorityClass says (PreemptLowerPriority): remove it',
      { preemptionPolicy: 'Never' },
    ],
    [
      'preemptionPolicy: PreemptLowerPriority is not what its PriorityClass says (Never): remove it',
      { priorityClassName: 'night', preemptionPolicy: 'PreemptLowerPriority' },
    ],
  ])('%s', (message, fields) =>
    expect(troubleText(classes.troubleOf(spec(fields))!)).toBe(`template.spec.${message}`),
  );
});
