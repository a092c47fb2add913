import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { launch, Story } from './story.test-helper.ts';

const bundle = (text: string) => parseResources(text, 'test');
/** Nothing is too little for an offer. */
const anything = { minAllocatable: [] };

describe('an update of an agent', () => {
  test('that changes nothing runs nothing', () => {
    const story = new Story();
    story.framework('F', 'a');
    story.agent('A', 'cpus:1', { attributes: 'rack:r1', region: 'x', zone: 'y', hostname: 'h' });
    story.recoverAll();
    const same = story.tell({
      kind: 'updateAgent',
      id: 'A',
      hostname: 'h',
      region: 'x',
      zone: 'y',
      total: bundle('cpus:1'),
      attributes: [{ name: 'rack', type: 'text', value: 'r1' }],
      capabilities: ['RESERVATION_REFINEMENT', 'HIERARCHICAL_ROLE', 'MULTI_ROLE'],
    });
    expect(same.offers).toEqual([]);
  });

  test.each([
    ['hostname', { hostname: 'other' }],
    ['region', { region: 'other' }],
    ['zone', { zone: 'other' }],
    ['capabilities', { capabilities: ['MULTI_ROLE'] as const }],
    ['total', { total: bundle('cpus:2') }],
  ])('of its %s runs over it', (_what, change) => {
    const story = new Story();
    story.framework('F', 'a');
    story.agent('A', 'cpus:1', { region: 'x', zone: 'y' });
    story.recoverAll();
    expect(story.tell({ kind: 'updateAgent', id: 'A', ...change }).offers).toHaveLength(1);
  });

  test('of its attributes drops the refusals of it, of no other', () => {
    const story = new Story();
    story.framework('F', 'a');
    story.agent('A', 'cpus:1');
    story.agent('B', 'cpus:1');
    story.decline('F a A cpus:1', 1000);
    story.decline('F a B cpus:1', 1000);
    const attributes = [{ name: 'rack', type: 'text', value: 'r2' }] as const;
    expect(story.tell({ kind: 'updateAgent', id: 'A', attributes }).offers).toEqual(['F a A cpus:1']);
    expect(story.batch().offers).toEqual([]);
  });
});

describe('an agent that goes', () => {
  test('takes all that is held on it along, of every framework, known or not', () => {
    const story = new Story(anything);
    story.framework('F', 'a');
    story.framework('G', 'b');
    story.agent('A', 'cpus:4', { used: { F: { a: 'cpus:1' }, G: { b: 'cpus:1' }, H: { c: 'cpus:1' } } });
    expect(story.engine.shares()).toEqual({ a: expect.any(Number), b: expect.any(Number) });
    const { rescinded } = story.tell({ kind: 'removeAgent', id: 'A' });
    expect(rescinded).toHaveLength(1);
    // Nothing is left of it anywhere: the next agent is all there is.
    story.agent('B', 'cpus:4');
    expect(Object.values(story.engine.shares()).sort((a, b) => a - b)).toEqual([0, 1]);
    story.framework('H', 'c');
    expect(story.engine.shares()).toMatchObject({ c: 0 });
  });

  test('ends its tasks, so that their names are free', () => {
    const story = new Story();
    story.framework('F', 'a');
    story.agent('A', 'cpus:1');
    story.accept('F a A', [launch(['t', 'cpus:1'])]);
    story.tell({ kind: 'removeAgent', id: 'A' });
    story.agent('B', 'cpus:1');
    const { result } = story.accept('F a B', [launch(['t', 'cpus:1'])]);
    expect(result.tasks).toMatchObject([{ task: 't', state: 'launched' }]);
  });
});

test('the order in which agents came has no part in what is offered of them', () => {
  const offers = (ids: readonly string[]) => {
    const story = new Story({ seed: 3 });
    story.tell({ kind: 'pause' });
    for (const id of ids) story.agent(id, 'cpus:1');
    for (const id of ['F', 'G', 'H']) story.framework(id, 'a');
    return story.tell({ kind: 'resume' }).offers;
  };
  const ids = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6'];
  expect(offers(ids.toReversed())).toEqual(offers(ids));
  expect(offers(['A3', 'A1', 'A6', 'A2', 'A5', 'A4'])).toEqual(offers(ids));
});

test('agents that ask one by one in a pause are served as in any other order', () => {
  const offers = (ids: readonly string[]) => {
    const story = new Story({ seed: 3 });
    for (const id of ['F', 'G', 'H']) story.framework(id, 'a');
    story.tell({ kind: 'pause' });
    for (const id of ids) story.agent(id, 'cpus:1');
    return story.tell({ kind: 'resume' }).offers;
  };
  const ids = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6'];
  expect(offers(ids.toReversed())).toEqual(offers(ids));
});

describe('an agent that is deactivated', () => {
  test('is deactivated once, however often it is said', () => {
    const story = new Story();
    story.framework('F', 'a');
    story.agent('A', 'cpus:1');
    story.agent('B', 'cpus:1');
    story.recoverAll();
    for (let i = 0; i < 2; i++) story.tell({ kind: 'deactivateAgent', id: 'A' });
    expect(story.batch().offers).toEqual(['F a B cpus:1']);
    story.recoverAll();
    for (let i = 0; i < 2; i++) story.tell({ kind: 'activateAgent', id: 'A' });
    expect(story.batch().offers.toSorted()).toEqual(['F a A cpus:1', 'F a B cpus:1']);
  });
});

describe('a failover', () => {
  const guaranteed = () => {
    const story = new Story();
    story.quota('a', 'cpus:1', '');
    story.framework('F', 'b');
    return story;
  };

  test('of no agents, or of one, holds nothing', () => {
    for (const agents of [0, 1]) {
      const story = guaranteed();
      story.tell({ kind: 'failover', agents });
      expect(story.agent('A', 'cpus:4').offers, `${agents}`).toEqual(['F b A cpus:3']);
    }
  });

  test.each([-1, 1.5, Number.NaN])('of %d agents is refused', (agents) => {
    expect(() => guaranteed().tell({ kind: 'failover', agents })).toThrow(
      `failover.agents: ${agents} is no whole number of agents`,
    );
  });
});

describe('revocable room', () => {
  test('that is free keeps no guarantee: it is no headroom, and none again when it is given back', () => {
    const story = new Story(anything);
    story.quota('a', 'cpus:2', '');
    story.framework('F', 'b', { capabilities: ['REVOCABLE_RESOURCES'] });
    const made = story.agent('A', 'cpus:3;cpus{REV}:4').offers;
    expect(made).toEqual(['F b A cpus:1;cpus{REV}:4']);
    story.recoverAll();
    expect(story.batch().offers).toEqual(made);
    story.recoverAll();
    story.tell({ kind: 'updateAgent', id: 'A', total: bundle('cpus:3') });
    story.recoverAll();
    expect(story.batch().offers).toEqual(['F b A cpus:1']);
  });
});

describe('reservations of an agent', () => {
  test('count for the role as long as the total has them', () => {
    const story = new Story();
    const reserved = () =>
      story.engine
        .roles()
        .find(({ role }) => role === 'a')
        ?.reserved.get('cpus');
    story.agent('A', 'cpus:3');
    expect(reserved()).toBeUndefined();
    story.tell({ kind: 'updateAgent', id: 'A', total: bundle('cpus:1;cpus(a):2') });
    expect(reserved()).toBe(2000);
    story.tell({ kind: 'updateAgent', id: 'A', total: bundle('cpus(a):1') });
    expect(reserved()).toBe(1000);
    story.tell({ kind: 'removeAgent', id: 'A' });
    expect(reserved()).toBeUndefined();
  });

  test('are made by the operator of what is free alone, and the refusal says which field', () => {
    const story = new Story();
    story.agent('A', 'cpus:2');
    const make = (from: string, to: string) =>
      story.tell({ kind: 'reserve', agent: 'A', from: bundle(from), to: bundle(to) });
    expect(() => make('cpus:3', 'cpus(a):3')).toThrow('reserve.from: A has not so much free');
    expect(() => make('', 'cpus(a):1')).toThrow('reserve.from: must not be empty');
    expect(() => make('cpus:1', 'cpus(a):2')).toThrow('reserve.to: must be the same amounts');
    expect(() => story.tell({ kind: 'reserve', agent: 'B', from: bundle(''), to: bundle('') })).toThrow(
      'reserve.agent: there is no agent "B"; there is A',
    );
    make('cpus:1', 'cpus(a):1');
    expect(story.framework('F', 'a').offers).toEqual(['F a A cpus:1;cpus(a):1']);
  });
});

test('what an agent says to run already is refused by the field that is wrong', () => {
  const story = new Story();
  expect(() => story.agent('A', 'cpus:1', { used: { F: { 'a//b': 'cpus:1' } } })).toThrow(
    /^agent\.used\.F: /,
  );
  expect(() => story.agent('A', 'cpus:1', { used: { 'F G': { a: 'cpus:1' } } })).toThrow(/^agent\.used: /);
});
