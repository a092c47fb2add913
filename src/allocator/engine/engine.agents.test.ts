import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { launch, Story } from './story.test-helper.ts';

describe('what a framework must be able to take', () => {
  test('agents with gpus are for frameworks with GPU_RESOURCES, unless the filter is off', () => {
    const story = new Story();
    story.framework('F1', 'a');
    expect(story.agent('A1', 'cpus:1;gpus:1').offers).toEqual([]);
    expect(story.agent('A2', 'cpus:1').offers).toEqual(['F1 a A2 cpus:1']);
    expect(story.framework('F2', 'b', { capabilities: ['GPU_RESOURCES'] }).offers).toEqual([
      'F2 b A1 cpus:1;gpus:1',
    ]);
    const open = new Story({ filterGpuResources: false });
    open.framework('F1', 'a');
    expect(open.agent('A1', 'cpus:1;gpus:1').offers).toEqual(['F1 a A1 cpus:1;gpus:1']);
  });

  test('agents of another region are for frameworks with REGION_AWARE; agents without a region are for all', () => {
    const story = new Story({ region: 'here' });
    story.framework('F1', 'a');
    expect(story.agent('A1', 'cpus:1', { region: 'there' }).offers).toEqual([]);
    expect(story.agent('A2', 'cpus:1', { region: 'here' }).offers).toHaveLength(1);
    expect(story.agent('A3', 'cpus:1').offers).toHaveLength(1);
    expect(story.framework('F2', 'b', { capabilities: ['REGION_AWARE'] }).offers).toEqual(['F2 b A1 cpus:1']);
  });

  test('revocable resources are for frameworks with REVOCABLE_RESOURCES', () => {
    const story = new Story();
    story.framework('F1', 'a');
    expect(story.agent('A1', 'cpus{REV}:2;mem:64').offers).toEqual(['F1 a A1 mem:64']);
    expect(story.framework('F2', 'b', { capabilities: ['REVOCABLE_RESOURCES'] }).offers).toEqual([
      'F2 b A1 cpus{REV}:2',
    ]);
  });

  test('shared volumes are for frameworks with SHARED_RESOURCES, in use or not, once in a run', () => {
    const story = new Story({ minAllocatable: [] });
    const capabilities = ['SHARED_RESOURCES'] as const;
    story.framework('F1', 'a', { capabilities });
    const volume = 'disk(a){VOLUME=v,SHARED}:10';
    expect(story.agent('A1', volume).offers).toEqual([`F1 a A1 ${volume}`]);
    expect(story.framework('F2', 'a', { capabilities }).offers).toEqual([`F2 a A1 ${volume}`]);
    expect(story.batch().offers).toHaveLength(1);
    expect(story.engine.shares()).toEqual({ a: 1 });
  });

  test('nested roles need agents that know them, all frameworks need agents that know several roles', () => {
    const story = new Story();
    story.framework('F1', 'a/x');
    expect(story.agent('A1', 'cpus:1', { capabilities: ['MULTI_ROLE'] }).offers).toEqual([]);
    expect(story.framework('F2', 'b').offers).toEqual(['F2 b A1 cpus:1']);
    expect(story.agent('A2', 'cpus:1', { capabilities: ['HIERARCHICAL_ROLE'] }).offers).toEqual([]);
    expect(
      story.tell({ kind: 'updateAgent', id: 'A2', capabilities: ['MULTI_ROLE', 'HIERARCHICAL_ROLE'] }).offers,
    ).toEqual(['F1 a/x A2 cpus:1']);
  });
});

describe('an agent that changes', () => {
  test('offers what it has more; what it has less shows when something returns', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2');
    const total = (text: string) =>
      story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources(text, '') });
    expect(total('cpus:5').offers).toEqual(['F1 a A1 cpus:3']);
    expect(total('cpus:4').offers).toEqual([]);
    story.decline('F1 a A1 cpus:3');
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2']);
  });

  test('brings no run when nothing is different', () => {
    const story = new Story();
    story.agent('A1', 'cpus:2');
    expect(
      story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:2', '') }).result.runs,
    ).toBe(0);
    expect(story.tell({ kind: 'updateAgent', id: 'A1', hostname: 'other' }).result.runs).toBe(1);
  });

  test('gives its place to one of the same name with nothing left of the old one', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2', { used: { F1: { a: 'cpus:1' } } });
    story.tell({ kind: 'removeAgent', id: 'A1' });
    expect(story.engine.shares()).toEqual({ a: 0 });
    expect(story.agent('A1', 'cpus:2').offers).toEqual(['F1 a A1 cpus:2']);
  });
});

describe('maintenance', () => {
  const used = () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2', { used: { F1: { a: 'cpus:1' } } });
    return story;
  };
  const window = { start: 10, duration: 60 };
  const answer = (story: Story, refuseSeconds: number | null) =>
    story.tell({ kind: 'inverseAnswer', framework: 'F1', agent: 'A1', accept: true, refuseSeconds });

  test('withdraws offers, makes them anew with the window, and asks who has anything there to leave', () => {
    const told = (() => {
      const story = used();
      return story.unavailable('A1', window);
    })();
    expect(told.rescinded).toEqual(['F1 a A1 cpus:1 maintenance']);
    expect(told.offers).toEqual(['F1 a A1 cpus:1']);
    expect(told.result.offers[0]!.unavailability).toEqual(window);
    expect(told.inverse).toEqual(['F1 A1']);
    expect(told.result.inverseOffers[0]!.unavailability).toEqual(window);
  });

  test('one inverse offer is out at a time; after an answer it comes again with the next batch', () => {
    const story = used();
    story.unavailable('A1', window);
    expect(story.batch().inverse).toEqual([]);
    expect(answer(story, null).inverse).toEqual([]);
    expect(story.batch().inverse).toEqual(['F1 A1']);
  });

  test('an answer can keep it away for a while; a revive or another window brings it back', () => {
    const story = used();
    story.unavailable('A1', window);
    answer(story, 3);
    expect(story.batch(2).inverse).toEqual([]);
    expect(story.batch().inverse).toEqual(['F1 A1']);
    answer(story, 100);
    expect(story.batch().inverse).toEqual([]);
    expect(story.tell({ kind: 'revive', framework: 'F1' }).inverse).toEqual(['F1 A1']);
    answer(story, 100);
    expect(story.unavailable('A1', { start: 20 }).inverse).toEqual(['F1 A1']);
  });

  test('is not asked of frameworks that are away or have nothing there, also outside of the whitelist', () => {
    const story = used();
    story.framework('F2', 'b', { suppressed: ['b'] });
    story.tell({ kind: 'deactivate', framework: 'F1' });
    expect(story.unavailable('A1', window).inverse).toEqual([]);
    story.tell({ kind: 'whitelist', hostnames: [] });
    expect(story.tell({ kind: 'activate', framework: 'F1' })).toMatchObject({
      offers: [],
      inverse: ['F1 A1'],
    });
  });

  test('that is lifted withdraws the inverse offers and the offers with the window', () => {
    const story = used();
    story.unavailable('A1', window);
    const told = story.unavailable('A1', null);
    expect(told.result.rescindedInverse).toEqual([{ framework: 'F1', agent: 'A1', reason: 'maintenance' }]);
    expect(told.inverse).toEqual([]);
    expect(told.result.offers[0]!.unavailability).toBe(null);
    expect(() => answer(story, null)).toThrow('inverseAnswer.agent: A1 has no maintenance window');
  });

  test('an inverse offer that waits too long is withdrawn and made again', () => {
    const story = new Story({ offerTimeout: 2 });
    story.framework('F1', 'a', { suppressed: ['a'] });
    story.agent('A1', 'cpus:1', { used: { F1: { a: 'cpus:1' } } });
    story.unavailable('A1', window);
    expect(story.batch().result.rescindedInverse).toEqual([]);
    const told = story.batch();
    expect(told.result.rescindedInverse).toEqual([{ framework: 'F1', agent: 'A1', reason: 'timeout' }]);
    expect(told.inverse).toEqual(['F1 A1']);
  });
});

describe('events that cannot be', () => {
  const story = new Story();
  story.framework('F1', 'a');
  story.agent('A1', 'cpus:1');
  const tell = (event: Parameters<Story['tell']>[0]) => () => story.tell(event);

  test.each([
    [
      tell({ kind: 'agent', id: 'A1', total: parseResources('cpus:1', '') }),
      'agent.id: there is an agent "A1" already',
    ],
    [tell({ kind: 'agent', id: '', total: parseResources('cpus:1', '') }), 'agent.id: "" must not be empty'],
    [tell({ kind: 'updateAgent', id: 'A9' }), 'updateAgent.id: there is no agent "A9"; there is A1'],
    [tell({ kind: 'removeAgent', id: 'A9' }), 'removeAgent.id: there is no agent'],
    [tell({ kind: 'framework', id: 'F1', roles: ['a'] }), 'framework.id: there is a framework "F1" already'],
    [tell({ kind: 'framework', id: 'a/b', roles: ['a'] }), 'framework.id: "a/b" must not'],
    [
      tell({ kind: 'framework', id: 'F2', roles: [] }),
      'framework.roles: a framework needs at least one role',
    ],
    [
      tell({ kind: 'framework', id: 'F2', roles: ['a//b'] }),
      'framework.roles: role "a//b": must not hold two slashes',
    ],
    [
      tell({ kind: 'framework', id: 'F2', roles: ['a'], suppressed: ['b'] }),
      'framework.suppressed: "b" is none of its roles',
    ],
    [
      tell({ kind: 'framework', id: 'F2', roles: ['a'], minAllocatable: { b: [] } }),
      'framework.minAllocatable: "b" is none',
    ],
    [tell({ kind: 'weight', role: 'a', weight: 0 }), 'weight.weight: 0 is not over 0'],
    [tell({ kind: 'weight', role: '-a', weight: 1 }), 'weight.role: role "-a": "-a" must not begin with "-"'],
    [
      tell({ kind: 'unavailability', agent: 'A1', window: { start: 1, duration: -1 } }),
      'unavailability.duration',
    ],
  ])('are refused by name %#', (act, message) => {
    expect(act).toThrow(message);
  });

  test('time never goes back, and a refused event takes nothing of what time brought', () => {
    const late = new Story({ offerTimeout: 5 });
    late.framework('F1', 'a');
    late.agent('A1', 'cpus:1');
    late.now = 6;
    expect(() => late.tell({ kind: 'removeAgent', id: 'A2' })).toThrow('no agent');
    expect(late.tell({ kind: 'suppress', framework: 'F1' }).rescinded).toEqual(['F1 a A1 cpus:1 timeout']);
    late.now = 5;
    expect(() => late.tell({ kind: 'batch' })).toThrow('time: 5 lies before 6');
  });
});

describe('an agent that is deactivated', () => {
  test('loses its offers and is not offered until the run after it is active again', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2');
    expect(story.tell({ kind: 'deactivateAgent', id: 'A1' }).rescinded).toEqual([
      'F1 a A1 cpus:2 agentDeactivated',
    ]);
    expect(story.batch().offers).toEqual([]);
    expect(story.tell({ kind: 'revive', framework: 'F1' }).offers).toEqual([]);
    expect(story.tell({ kind: 'activateAgent', id: 'A1' }).result.runs).toBe(0);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2']);
  });

  test('keeps what runs, which counts on, and what is refused of it', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:4');
    story.accept('F1 a A1', [launch(['t1', 'cpus:1'])]);
    story.batch();
    story.decline('F1 a A1 cpus:3', 100);
    story.tell({ kind: 'deactivateAgent', id: 'A1' });
    expect(story.engine.shares()).toEqual({ a: 0.25 });
    story.tell({ kind: 'activateAgent', id: 'A1' });
    expect(story.batch().offers).toEqual([]);
    story.tell({ kind: 'finish', task: 't1' });
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:4']);
  });

  test('asks nobody to leave it', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2', { used: { F1: { a: 'cpus:1' } } });
    story.tell({ kind: 'deactivateAgent', id: 'A1' });
    expect(story.unavailable('A1', { start: 10 }).inverse).toEqual([]);
    story.tell({ kind: 'activateAgent', id: 'A1' });
    expect(story.batch().inverse).toEqual(['F1 A1']);
    expect(story.tell({ kind: 'deactivateAgent', id: 'A1' }).result.rescindedInverse).toEqual([
      { framework: 'F1', agent: 'A1', reason: 'agentDeactivated' },
    ]);
  });
});

describe('after a failover with quota', () => {
  const failedOver = (agents: number): Story => {
    const story = new Story();
    story.quota('q', 'cpus:4', '');
    story.framework('F1', 'a');
    story.tell({ kind: 'failover', agents });
    return story;
  };

  test('no run is made until four fifths of the agents are back', () => {
    const story = failedOver(6);
    for (const id of ['A1', 'A2', 'A3']) expect(story.agent(id, 'cpus:2').result.runs).toBe(0);
    expect(story.batch().result.runs).toBe(0);
    // Its own run is over itself alone; what asked before waits for the batch. Six of eight CPUs are free of quota.
    expect(story.agent('A4', 'cpus:2').offers).toEqual(['F1 a A4 cpus:2']);
    expect(story.batch().offers).toHaveLength(1);
  });

  test('or ten minutes are over', () => {
    const story = failedOver(6);
    story.agent('A1', 'cpus:2');
    story.agent('A2', 'cpus:4');
    expect(story.batch(599).result.runs).toBe(0);
    expect(story.batch().offers).toHaveLength(1);
  });

  test('runs are made at once without quota, and where no agent was known', () => {
    const free = new Story();
    free.framework('F1', 'a');
    free.tell({ kind: 'failover', agents: 100 });
    expect(free.agent('A1', 'cpus:2').offers).toHaveLength(1);
    expect(failedOver(1).agent('A1', 'cpus:2').result.runs).toBe(1);
  });

  test('which comes before the first agent', () => {
    const story = new Story();
    story.agent('A1', 'cpus:2');
    expect(() => story.tell({ kind: 'failover', agents: 3 })).toThrow(
      'failover.agents: a failover comes before the first agent',
    );
    expect(() => new Story().tell({ kind: 'failover', agents: 1.5 })).toThrow(
      'failover.agents: 1.5 is no whole number of agents',
    );
  });
});
