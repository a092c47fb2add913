import { describe, expect, test } from 'vitest';
import { parseAttributes } from './attributes.ts';
import type { AttributeConstraint } from './events.ts';
import { parseResources } from '../resources/resources.ts';
import { Story } from './story.test-helper.ts';

/** F1 in role a, and one agent of cpus:2;mem:64 that it was offered. */
function offered(options = {}): Story {
  const story = new Story(options);
  story.framework('F1', 'a');
  story.agent('A1', 'cpus:2;mem:64');
  return story;
}
const WHOLE = 'F1 a A1 cpus:2;mem:64';

describe('a refused bundle', () => {
  test('is not offered again until its time is over', () => {
    const story = offered();
    story.decline(WHOLE, 5);
    expect(story.batch(4).offers).toEqual([]);
    expect(story.batch().offers).toEqual([WHOLE]);
  });

  test('of no time, or without a filter, comes back with the next batch', () => {
    for (const refusal of [0, null]) {
      const story = offered();
      story.decline(WHOLE, refusal);
      expect(story.batch().offers).toEqual([WHOLE]);
    }
  });

  test('of less than an interval is kept over the next batch all the same', () => {
    const story = offered({ interval: 10 });
    story.decline(WHOLE, 0.5);
    expect(story.batch().offers).toEqual([]);
    expect(story.batch().offers).toEqual([WHOLE]);
  });

  test('of exactly two intervals is gone by the second batch', () => {
    const story = offered();
    story.decline(WHOLE, 2);
    expect(story.batch().offers).toEqual([]);
    expect(story.batch().offers).toEqual([WHOLE]);
  });

  test('of a time below zero gets five seconds, of one over a year a year', () => {
    const story = offered();
    story.decline(WHOLE, -3);
    expect(story.batch(4).offers).toEqual([]);
    expect(story.batch().offers).toEqual([WHOLE]);
    story.decline(WHOLE, 1e12);
    story.now += 31_535_990;
    expect(story.batch().offers).toEqual([]);
    story.now += 20;
    expect(story.batch().offers).toEqual([WHOLE]);
  });

  test('keeps away as much or less of the agent, not more', () => {
    const story = offered();
    story.decline(WHOLE, 100);
    story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:1;mem:64', '') });
    expect(story.batch().offers).toEqual([]);
    expect(
      story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:2.001;mem:64', '') }).offers,
    ).toEqual(['F1 a A1 cpus:2.001;mem:64']);
  });

  test('is refused by that framework under that role on that agent alone', () => {
    const story = new Story();
    story.framework('F1', ['a', 'b']);
    story.framework('F2', 'a', { suppressed: ['a'] });
    story.agent('A1', 'cpus:2');
    story.decline('F1 a A1 cpus:2', 100);
    expect(story.batch().offers).toEqual(['F1 b A1 cpus:2']);
    story.decline('F1 b A1 cpus:2', 100);
    expect(story.batch().offers).toEqual([]);
    expect(story.agent('A2', 'cpus:2').offers).toHaveLength(1);
    expect(story.tell({ kind: 'revive', framework: 'F2' }).offers).toEqual(['F2 a A1 cpus:2']);
  });

  test('is wanted again after a revive of the role, also of all roles at once', () => {
    const story = offered();
    story.decline(WHOLE, 100);
    expect(story.tell({ kind: 'revive', framework: 'F1', roles: ['a'] }).offers).toEqual([WHOLE]);
    story.decline(WHOLE, 100);
    expect(story.tell({ kind: 'revive', framework: 'F1' }).offers).toEqual([WHOLE]);
  });

  test('is wanted again after the framework was away', () => {
    const story = offered();
    story.decline(WHOLE, 100);
    story.tell({ kind: 'deactivate', framework: 'F1' });
    expect(story.tell({ kind: 'activate', framework: 'F1' }).offers).toEqual([WHOLE]);
  });

  test('is wanted again when the agent has other attributes, not when it has other capabilities', () => {
    const story = offered();
    story.decline(WHOLE, 100);
    expect(story.tell({ kind: 'updateAgent', id: 'A1', capabilities: ['MULTI_ROLE'] }).offers).toEqual([]);
    expect(
      story.tell({ kind: 'updateAgent', id: 'A1', attributes: parseAttributes('rack:r1', '') }).offers,
    ).toEqual([WHOLE]);
  });

  test('is forgotten with the agent, and with the role that the framework leaves', () => {
    const story = offered();
    story.decline(WHOLE, 100);
    story.tell({ kind: 'removeAgent', id: 'A1' });
    expect(story.agent('A1', 'cpus:2;mem:64').offers).toEqual([WHOLE]);
    story.decline(WHOLE, 100);
    story.tell({ kind: 'updateFramework', id: 'F1', roles: ['b'] });
    story.tell({ kind: 'updateFramework', id: 'F1', roles: ['a'] });
    expect(story.batch().offers).toEqual([WHOLE]);
  });

  test('is forgotten when an update takes its role out of the suppressed ones', () => {
    const story = offered();
    story.decline(WHOLE, 100);
    story.tell({ kind: 'updateFramework', id: 'F1', suppressed: ['a'] });
    story.tell({ kind: 'updateFramework', id: 'F1', suppressed: [] });
    expect(story.batch().offers).toEqual([WHOLE]);
  });

  test('several refusals of an agent count side by side, each for its time', () => {
    const story = offered();
    story.decline('F1 a A1 cpus:1', 3);
    story.decline('F1 a A1 cpus:1;mem:64', 100);
    expect(story.batch().offers).toEqual([WHOLE]);
    story.decline(WHOLE, 3);
    story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:1;mem:64', '') });
    expect(story.batch(6).offers).toEqual([]);
  });
});

describe('a suppressed role', () => {
  test('gets no offers, keeps those that are out, and others are served', () => {
    const story = offered();
    story.tell({ kind: 'suppress', framework: 'F1' });
    expect(story.outstanding).toEqual([WHOLE]);
    expect(story.agent('A2', 'cpus:1').offers).toEqual([]);
    expect(story.framework('F2', 'a').offers).toEqual(['F2 a A2 cpus:1']);
  });

  test('is one of several: the others go on', () => {
    const story = new Story();
    story.framework('F1', ['a', 'b'], { suppressed: ['a'] });
    expect(story.agent('A1', 'cpus:1').offers).toEqual(['F1 b A1 cpus:1']);
    story.tell({ kind: 'suppress', framework: 'F1', roles: ['b'] });
    expect(story.agent('A2', 'cpus:1').offers).toEqual([]);
    expect(story.tell({ kind: 'revive', framework: 'F1', roles: ['a'] }).offers).toEqual(['F1 a A2 cpus:1']);
  });

  test('of a foreign name spoils the whole call', () => {
    const story = new Story();
    story.framework('F1', ['a', 'b']);
    const reason = 'F1 is not in role "x"; it is in a, b';
    const told = story.tell({ kind: 'suppress', framework: 'F1', roles: ['a', 'x'] });
    expect(told.result.dropped).toMatchObject([{ operation: 'suppress', reason }]);
    expect(story.agent('A1', 'cpus:1').offers).toEqual(['F1 a A1 cpus:1']);
    story.decline('F1 a A1 cpus:1', 100);
    story.tell({ kind: 'suppress', framework: 'F1' });
    const revived = story.tell({ kind: 'revive', framework: 'F1', roles: ['a', 'x'] });
    expect(revived.result).toMatchObject({ runs: 0, dropped: [{ operation: 'revive', reason }] });
    expect(story.batch().offers).toEqual([]);
  });

  test('stays so while the framework is away', () => {
    const story = offered();
    story.tell({ kind: 'suppress', framework: 'F1' });
    story.tell({ kind: 'deactivate', framework: 'F1' });
    expect(story.tell({ kind: 'activate', framework: 'F1' }).offers).toEqual([]);
  });
});

describe('withdrawn offers', () => {
  test('an offer that waits too long goes without a filter, and its resources are in the batch of that time', () => {
    const story = offered({ offerTimeout: 2 });
    expect(story.batch().rescinded).toEqual([]);
    const told = story.batch();
    expect(told.rescinded).toEqual([`${WHOLE} timeout`]);
    expect(told.offers).toEqual([WHOLE]);
  });

  test('an answered offer does not time out', () => {
    const story = offered({ offerTimeout: 2 });
    story.decline(WHOLE, 100);
    expect(story.batch(5).rescinded).toEqual([]);
  });

  test('after thousands of answered offers the one that is not answered still times out, at its time', () => {
    const story = offered({ offerTimeout: 5000 });
    for (let i = 0; i < 3000; i++) {
      story.decline(WHOLE);
      expect(story.batch().offers).toEqual([WHOLE]);
    }
    story.now += 4999;
    expect(story.tell({ kind: 'suppress', framework: 'F1' }).rescinded).toEqual([]);
    story.now += 1;
    expect(story.tell({ kind: 'suppress', framework: 'F1' }).rescinded).toEqual([`${WHOLE} timeout`]);
  });

  test('a weight of a role with frameworks withdraws all offers; of one without none', () => {
    const story = offered();
    story.framework('F2', 'b');
    story.agent('A2', 'cpus:1');
    expect(story.tell({ kind: 'weight', role: 'nobody', weight: 3 }).rescinded).toEqual([]);
    expect(story.tell({ kind: 'weight', role: 'b', weight: 3 }).rescinded).toEqual([
      `${WHOLE} weight`,
      'F2 b A2 cpus:1 weight',
    ]);
    expect(story.outstanding).toEqual([]);
  });

  test('agents and frameworks that go take their offers along; what runs stays with a framework that is away', () => {
    const story = offered();
    expect(story.tell({ kind: 'removeAgent', id: 'A1' }).rescinded).toEqual([`${WHOLE} agentRemoved`]);
    story.agent('A2', 'cpus:4', { used: { F1: { a: 'cpus:1' } } });
    expect(story.tell({ kind: 'deactivate', framework: 'F1' }).rescinded).toEqual([
      'F1 a A2 cpus:3 frameworkDeactivated',
    ]);
    expect(story.engine.shares()).toEqual({ a: 0.25 });
    story.tell({ kind: 'activate', framework: 'F1' });
    expect(story.tell({ kind: 'removeFramework', framework: 'F1' }).rescinded).toEqual([
      'F1 a A2 cpus:3 frameworkRemoved',
    ]);
    expect(story.engine.shares()).toEqual({});
    expect(story.framework('F2', 'b').offers).toEqual(['F2 b A2 cpus:4']);
  });

  test('a role that the framework leaves takes its offers along, what is used there stays counted', () => {
    const story = new Story();
    story.framework('F1', ['a', 'b']);
    story.agent('A1', 'cpus:4', { used: { F1: { a: 'cpus:1' } } });
    expect(story.outstanding).toEqual(['F1 b A1 cpus:3']);
    expect(story.tell({ kind: 'updateFramework', id: 'F1', roles: ['c'] }).rescinded).toEqual([
      'F1 b A1 cpus:3 roleLeft',
    ]);
    expect(story.engine.shares()).toEqual({ a: 0.25, c: 0 });
    story.decline('F1 a A1 cpus:1');
    expect(story.engine.shares()).toEqual({ c: 0 });
  });
});

describe('offer constraints', () => {
  const only = (story: Story, groups: readonly (readonly AttributeConstraint[])[]) =>
    story.tell({ kind: 'offerConstraints', framework: 'F1', role: 'a', groups });
  const takes = (groups: Parameters<typeof only>[1], attributes: string) => {
    const story = new Story();
    story.framework('F1', 'a');
    only(story, groups);
    return story.agent('A1', 'cpus:1', { attributes, hostname: 'host-7' }).offers.length === 1;
  };

  test('one group all of whose constraints hold is enough', () => {
    const groups: AttributeConstraint[][] = [
      [
        { attribute: 'rack', is: 'equals', value: 'r1' },
        { attribute: 'zone', is: 'exists' },
      ],
      [{ property: 'HOSTNAME', is: 'equals', value: 'host-9' }],
    ];
    expect(takes(groups, 'rack:r1;zone:z')).toBe(true);
    expect(takes(groups, 'rack:r1')).toBe(false);
    expect(takes([...groups, [{ property: 'HOSTNAME', is: 'equals', value: 'host-7' }]], '')).toBe(true);
  });

  test.each([
    ['exists', 'rack:r1', true],
    ['exists', '', false],
    ['notExists', 'rack:r1', false],
    ['notExists', '', true],
  ] as const)('%s on "%s"', (is, attributes, expected) => {
    expect(takes([[{ attribute: 'rack', is }]], attributes)).toBe(expected);
  });

  test.each([
    ['equals', 'r1', 'rack:r1', true],
    ['equals', 'r1', 'rack:r2;rack:r1', false],
    ['equals', 'r1', 'rack:7', true],
    ['equals', 'r1', '', false],
    ['notEquals', 'r1', 'rack:r1', false],
    ['notEquals', 'r1', 'rack:[1-2]', true],
    ['notEquals', 'r1', '', true],
    ['matches', 'r[12]', 'rack:r2', true],
    ['matches', 'r[12]', 'rack:r22', false],
    ['matches', 'r[12]', '', false],
    ['notMatches', 'r[12]', 'rack:r2', false],
    ['notMatches', 'r', 'rack:r2', true],
    ['notMatches', 'r[12]', '', true],
  ] as const)('%s %s on "%s"', (is, value, attributes, expected) => {
    expect(takes([[{ attribute: 'rack', is, value }]], attributes)).toBe(expected);
  });

  test('hold for their role alone until they are lifted', () => {
    const story = new Story();
    story.framework('F1', ['a', 'b']);
    only(story, [[{ attribute: 'rack', is: 'exists' }]]);
    expect(story.agent('A1', 'cpus:1').offers).toEqual(['F1 b A1 cpus:1']);
    story.decline('F1 b A1 cpus:1', 100);
    expect(story.batch().offers).toEqual([]);
    only(story, []);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:1']);
  });

  test.each([
    ['(', 'is no regular expression'],
    ['(?=a)', 'look-around'],
    ['(a|b)*', 'repeats a group'],
    ['a*b*c*d*', 'repeats more than 3 times'],
    ['x'.repeat(101), 'longer than 100'],
  ])('refuse the pattern %s', (value, problem) => {
    const story = new Story();
    story.framework('F1', 'a');
    expect(() => only(story, [[{ attribute: 'rack', is: 'matches', value }]])).toThrow(problem);
  });
});
