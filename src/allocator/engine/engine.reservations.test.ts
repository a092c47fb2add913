import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { launch, reserve, Story, unreserve } from './story.test-helper.ts';

const convert = (story: Story, from: string, to: string, role = 'a') =>
  story.tell({
    kind: 'convert',
    framework: 'F1',
    role,
    agent: 'A1',
    from: parseResources(from, ''),
    to: parseResources(to, ''),
  });

describe('reserved resources', () => {
  test('go to their role and the roles below it, not to others', () => {
    const story = new Story();
    story.framework('N', 'n');
    expect(story.agent('A1', 'cpus(a):2;cpus:1').offers).toEqual(['N n A1 cpus:1']);
    expect(story.framework('F', 'a/x').offers).toEqual(['F a/x A1 cpus(a):2']);
    story.recoverAll();
    story.tell({ kind: 'suppress', framework: 'F' });
    expect(story.framework('G', 'ab').offers).toEqual(['G ab A1 cpus:1']);
  });

  test('of a role are not offered above it', () => {
    const story = new Story();
    story.framework('F', 'a');
    expect(story.agent('A1', 'cpus(a/x):2').offers).toEqual([]);
  });

  test('that are refined go only to frameworks that know refinement', () => {
    const story = new Story();
    story.framework('F', 'a/x');
    expect(story.agent('A1', 'cpus(a|a/x):2;mem:64').offers).toEqual(['F a/x A1 mem:64']);
    story.tell({ kind: 'updateFramework', id: 'F', capabilities: ['RESERVATION_REFINEMENT'] });
    expect(story.batch().offers).toEqual(['F a/x A1 cpus(a|a/x):2']);
  });

  test('count in the share of who uses them', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus(a):3;cpus:1');
    expect(story.engine.shares()).toEqual({ a: 1 });
  });
});

describe('a conversion', () => {
  test('of what is held keeps share, offers and count, and lasts', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2;mem:64');
    convert(story, 'cpus:1', 'cpus(a):1');
    expect(story.engine.shares()).toEqual({ a: 1 });
    expect(story.outstanding).toEqual(['F1 a A1 cpus:1;cpus(a):1;mem:64']);
    story.recoverAll();
    expect(story.framework('N', 'n').offers.toSorted()).toEqual(
      ['N n A1 cpus:1;mem:64', 'F1 a A1 cpus(a):1'].toSorted(),
    );
  });

  test('must keep amounts and be of something held', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2;mem:64');
    expect(() => convert(story, 'cpus:1', 'cpus(a):2')).toThrow('convert.to: must be the same amounts');
    expect(() => convert(story, 'cpus:3', 'cpus(a):3')).toThrow('convert.from: F1 does not hold it');
    expect(() => convert(story, '', '')).toThrow('convert.from: must not be empty');
  });

  test('by the operator needs free resources', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2');
    const to = parseResources('cpus(b):1', '');
    const by = () => story.tell({ kind: 'reserve', agent: 'A1', from: parseResources('cpus:1', ''), to });
    expect(by).toThrow('reserve.from: A1 has not so much free');
    story.decline('F1 a A1 cpus:2');
    by();
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:1']);
  });
});

describe('an accept', () => {
  const offered = (total = 'cpus:4;mem:256', options = {}) => {
    const story = new Story(options);
    story.framework('F1', 'a', { capabilities: ['RESERVATION_REFINEMENT'] });
    story.agent('A1', total);
    return story;
  };

  test('launches tasks; the rest returns with the filter', () => {
    const story = offered();
    const told = story.accept('F1 a A1', [launch(['t1', 'cpus:1;mem:64'], ['t2', 'cpus:1'])], {
      refuseSeconds: 5,
    });
    expect(told.result.tasks.map(({ task, state }) => `${task} ${state}`)).toEqual([
      't1 launched',
      't2 launched',
    ]);
    expect(told.rescinded).toEqual([]);
    expect(story.outstanding).toEqual([]);
    expect(story.engine.shares()).toEqual({ a: 0.5 });
    expect(story.batch(4).offers).toEqual([]);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2;mem:192']);
  });

  test('gives the resources of a task back when it ends, without filter', () => {
    const story = offered();
    story.accept('F1 a A1', [launch(['t1', 'cpus:4;mem:256'])]);
    expect(story.tell({ kind: 'finish', task: 't1' }).offers).toEqual([]);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:4;mem:256']);
    expect(() => story.tell({ kind: 'finish', task: 't1' })).toThrow('finish.task: no task "t1" runs');
  });

  test('reserves and launches on it at once; the unused converted part returns without filter', () => {
    const story = offered();
    story.accept('F1 a A1', [reserve('cpus(a):2'), launch(['t1', 'cpus(a):1'])], { refuseSeconds: 100 });
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2;cpus(a):1;mem:256']);
    const same = offered();
    same.accept('F1 a A1', [reserve('cpus(a):2'), launch(['t1', 'cpus:2;mem:256'])], { refuseSeconds: 100 });
    expect(same.batch().offers).toEqual(['F1 a A1 cpus(a):2']);
  });

  test('unreserves one level at a time', () => {
    const story = new Story();
    story.framework('F1', 'a/x', { capabilities: ['RESERVATION_REFINEMENT'] });
    story.agent('A1', 'cpus(a|a/x):2');
    story.accept('F1 a/x A1', [unreserve('cpus(a|a/x):1')]);
    expect(story.batch().offers).toEqual(['F1 a/x A1 cpus(a):1;cpus(a|a/x):1']);
  });

  test('drops what cannot be converted and goes on', () => {
    const story = offered();
    const told = story.accept('F1 a A1', [
      reserve('cpus(b):1'),
      reserve('cpus(a):5'),
      unreserve('cpus(a):1'),
      reserve('cpus:1'),
      launch(['t1', 'cpus:4']),
    ]);
    expect(told.result.dropped.map(({ operation, reason }) => `${operation}: ${reason}`)).toEqual([
      "reserve: cpus(b) is not reserved for a, the offers' role",
      'reserve: the offers do not hold (any more) what is to be converted',
      'unreserve: the offers do not hold (any more) what is to be converted',
      'reserve: cpus is not reserved',
    ]);
    expect(told.result.tasks).toEqual([{ task: 't1', state: 'launched', reason: '' }]);
  });

  test('needs the capability to refine', () => {
    const story = new Story();
    story.framework('F1', 'a/x');
    story.agent('A1', 'cpus(a):2');
    expect(story.accept('F1 a/x A1', [reserve('cpus(a|a/x):1')]).result.dropped[0]!.reason).toContain(
      'RESERVATION_REFINEMENT',
    );
  });

  test('fails tasks that ask for too much, for nothing, or by a name that runs; the others are launched', () => {
    const story = offered();
    const told = story.accept('F1 a A1', [
      launch(['big', 'cpus:5'], ['t', 'cpus:1'], ['t', 'cpus:1'], ['none', ''], ['last', 'cpus:3']),
    ]);
    expect(told.result.tasks.map(({ task, state, reason }) => `${task} ${state} ${reason}`.trim())).toEqual([
      'big error it asks for more than is left of the offers',
      't launched',
      't error a task t runs already',
      'none error a task needs resources',
      'last launched',
    ]);
  });

  test('does not mix revocable with other resources of a name in a task', () => {
    const story = new Story();
    story.framework('F1', 'a', { capabilities: ['REVOCABLE_RESOURCES'] });
    story.agent('A1', 'cpus:2;cpus{REV}:2;mem:64');
    const told = story.accept('F1 a A1', [
      launch(['t1', 'cpus:1;cpus{REV}:1'], ['t2', 'cpus{REV}:2;mem:64']),
    ]);
    expect(told.result.tasks.map(({ state }) => state)).toEqual(['error', 'launched']);
  });

  test('of several offers of one agent takes them together', () => {
    const story = offered();
    story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:6;mem:256', '') });
    expect(story.outstanding).toEqual(['F1 a A1 cpus:4;mem:256', 'F1 a A1 cpus:2']);
    const told = story.accept('F1 a A1', [launch(['t1', 'cpus:5'])], { offers: ['O1', 'O2'] });
    expect(told.result.tasks[0]!.state).toBe('launched');
  });

  test.each([
    [['O1', 'O9'], 'offer O9 is not out (any more)'],
    [['O1', 'O1'], 'offer O1 is named twice'],
    [['O1', 'O2'], 'offer O2 is of A2, not of A1'],
    [['O1', 'O3'], 'offer O3 is under b; an accept is for one role'],
    [['O1', 'O4'], "offer O4 is not F1's"],
    [[], 'no offer is named'],
  ])('of offers %j discards what is usable of them and loses the tasks', (offers, problem) => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:1');
    story.agent('A2', 'cpus:1');
    story.tell({ kind: 'updateFramework', id: 'F1', roles: ['a', 'b'], suppressed: ['a'] });
    story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:2', '') });
    story.tell({ kind: 'suppress', framework: 'F1' });
    story.framework('F2', 'a');
    story.agent('A4', 'cpus:1');
    expect(story.engine.outstanding().map(({ id }) => id)).toEqual(['O1', 'O2', 'O3', 'O4']);
    const told = story.accept('F1 a A1', [reserve('cpus(a):1'), launch(['t1', 'cpus:1'])], { offers });
    expect(told.result.tasks).toEqual([{ task: 't1', state: 'lost', reason: `invalid offers: ${problem}` }]);
    expect(told.result.dropped).toHaveLength(1);
    const own = offers.filter((id) => id !== 'O9' && id !== 'O4');
    expect(told.rescinded).toHaveLength(new Set(own).size);
    expect(story.outstanding).toHaveLength(4 - new Set(own).size);
  });

  test('of an agent with nothing offered loses its tasks', () => {
    const story = offered();
    story.recoverAll();
    expect(story.accept('F1 a A1', [launch(['t1', 'cpus:1'])]).result.tasks[0]!.reason).toBe(
      'invalid offers: no offer of A1 is out to F1 under a',
    );
  });

  test('keeps tasks from being returned by a decline', () => {
    const story = offered();
    story.accept('F1 a A1', [launch(['t1', 'cpus:3'])]);
    expect(() => story.decline('F1 a A1 cpus:1')).toThrow(
      'recover.resources: F1 holds only  there outside of tasks',
    );
  });
});

describe('a partial return', () => {
  test('of an offer accepts the rest of it', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:4');
    story.decline('F1 a A1 cpus:1');
    expect(story.outstanding).toEqual([]);
    expect(story.engine.shares()).toEqual({ a: 0.75 });
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:1']);
    story.decline('F1 a A1 cpus:4', 100);
    expect(story.engine.shares()).toEqual({ a: 0 });
  });

  test('of more than is held is refused', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:4');
    expect(() => story.decline('F1 a A1 cpus:5')).toThrow('recover.resources: F1 holds only cpus:4 there');
    expect(() => story.decline('F1 b A1 cpus:5')).toThrow('recover.role: F1 is not in role "b"; there is a');
    expect(() => story.decline('F2 a A1 cpus:5')).toThrow(
      'recover.framework: there is no framework "F2"; there is F1',
    );
    expect(() => story.decline('F1 a A2 cpus:5')).toThrow(
      'recover.agent: there is no agent "A2"; there is A1',
    );
  });
});
