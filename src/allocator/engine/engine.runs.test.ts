import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { Story } from './story.test-helper.ts';

describe('who is offered what', () => {
  test('a framework is offered all that an agent has, in one offer', () => {
    const story = new Story();
    story.framework('F1', 'dev');
    expect(story.agent('A1', 'cpus:2;mem:1024;ports:[31000-32000]').offers).toEqual([
      'F1 dev A1 cpus:2;mem:1024;ports:[31000-32000]',
    ]);
  });

  test('an offer counts as allocation at once, so that the next agent goes to the other role', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.framework('F2', 'b');
    expect(story.agent('A1', 'cpus:2;mem:1024').offers).toEqual(['F1 a A1 cpus:2;mem:1024']);
    expect(story.agent('A2', 'cpus:2;mem:1024').offers).toEqual(['F2 b A2 cpus:2;mem:1024']);
  });

  test('within a role frameworks are served by their share of the whole cluster', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.framework('F2', 'a');
    expect(story.agent('A1', 'cpus:1;mem:512').offers).toEqual(['F1 a A1 cpus:1;mem:512']);
    expect(story.agent('A2', 'cpus:4;mem:512').offers).toEqual(['F2 a A2 cpus:4;mem:512']);
    expect(story.agent('A3', 'cpus:1;mem:512').offers).toEqual(['F1 a A3 cpus:1;mem:512']);
  });

  test('dominant shares decide as in the Mesos documents: memory for one, processors for the other', () => {
    const story = new Story();
    story.framework('F1', 'role1');
    expect(story.agent('A1', 'cpus:2;mem:1024').offers).toEqual(['F1 role1 A1 cpus:2;mem:1024']);
    story.framework('F2', 'role2');
    expect(story.agent('A2', 'cpus:1;mem:512').offers).toEqual(['F2 role2 A2 cpus:1;mem:512']);
    expect(story.engine.shares()).toEqual({ role1: 2 / 3, role2: 1 / 3 });
    expect(story.agent('A3', 'cpus:3;mem:2048').offers).toEqual(['F2 role2 A3 cpus:3;mem:2048']);
    expect(story.engine.shares()).toEqual({ role1: 1 / 3, role2: 2560 / 3584 });
    expect(story.agent('A4', 'cpus:4;mem:4096').offers).toEqual(['F1 role1 A4 cpus:4;mem:4096']);
  });

  test('names that are excluded from fairness do not move a share', () => {
    const story = new Story({ fairnessExcluded: ['gpus'] });
    story.framework('F1', 'a', { capabilities: ['GPU_RESOURCES'] });
    story.agent('A1', 'cpus:1;mem:512;gpus:1');
    story.framework('F2', 'b', { capabilities: ['GPU_RESOURCES'] });
    expect(story.agent('A2', 'cpus:3;mem:512').offers).toEqual(['F2 b A2 cpus:3;mem:512']);
    expect(story.agent('A3', 'cpus:4;mem:3072').offers).toEqual(['F1 a A3 cpus:4;mem:3072']);
  });

  test('a weight of two gives twice as much; it needs no framework and lasts', () => {
    const story = new Story();
    story.tell({ kind: 'weight', role: 'b', weight: 2 });
    story.framework('F1', 'a');
    story.framework('F2', 'b');
    const counts: Record<string, number> = { F1: 0, F2: 0 };
    for (let i = 0; i < 9; i++) {
      for (const offer of story.agent(`A${i}`, 'cpus:1;mem:64').offers) counts[offer.split(' ')[0]!]!++;
    }
    expect(counts).toEqual({ F1: 3, F2: 6 });
  });

  test('several roles of one framework get offers of their own', () => {
    const story = new Story();
    story.framework('F1', ['a', 'b']);
    expect(story.agent('A1', 'cpus:1;mem:64').offers).toEqual(['F1 a A1 cpus:1;mem:64']);
    expect(story.agent('A2', 'cpus:1;mem:64').offers).toEqual(['F1 b A2 cpus:1;mem:64']);
  });

  test('what an agent already runs counts, also for a framework that subscribes only later', () => {
    const story = new Story();
    story.agent('A1', 'cpus:4;mem:256', { used: { F1: { a: 'cpus:2' } } });
    expect(story.framework('F2', 'b').offers).toEqual(['F2 b A1 cpus:2;mem:256']);
    story.recoverAll();
    expect(story.framework('F1', 'a').offers).toEqual(['F2 b A1 cpus:2;mem:256']);
    expect(story.engine.shares()['a']).toBe(0.5);
  });

  test('an agent of less than the least offer is not offered, processors or memory suffice', () => {
    const story = new Story();
    story.framework('F1', 'a');
    expect(story.agent('A1', 'cpus:0.009;mem:31').offers).toEqual([]);
    expect(story.agent('A2', 'cpus:0.01').offers).toEqual(['F1 a A2 cpus:0.01']);
    expect(story.agent('A3', 'mem:32').offers).toEqual(['F1 a A3 mem:32']);
  });

  test("a framework's own least offer takes the place of the engine's; an empty list takes anything", () => {
    const story = new Story();
    story.framework('F1', 'a', { minAllocatable: { a: [new Map([['cpus', 3000]])] } });
    expect(story.agent('A1', 'cpus:2;mem:1024').offers).toEqual([]);
    expect(story.agent('A2', 'cpus:3').offers).toEqual(['F1 a A2 cpus:3']);
    story.framework('F2', 'b', { minAllocatable: { b: [] } });
    expect(story.agent('A3', 'disk:1').offers).toEqual(['F2 b A3 disk:1']);
  });

  test('the least offer counts reserved amounts, and the numbers of ranges', () => {
    const story = new Story({
      minAllocatable: [
        new Map([
          ['cpus', 2000],
          ['ports', 3000],
        ]),
      ],
    });
    story.framework('F1', 'a');
    expect(story.agent('A1', 'cpus:1;cpus(a):1;ports:[1-2]').offers).toEqual([]);
    expect(story.agent('A2', 'cpus:1;cpus(a):1;ports:[1-3]').offers).toEqual([
      'F1 a A2 cpus:1;cpus(a):1;ports:[1-3]',
    ]);
  });

  test('the random sorter gives everybody a chance by weight, and the seed decides', () => {
    const winners = (weight: number) => {
      let heavy = 0;
      for (let seed = 0; seed < 300; seed++) {
        const story = new Story({ seed, roleSorter: 'random' });
        story.tell({ kind: 'weight', role: 'b', weight });
        story.framework('F1', 'a');
        story.framework('F2', 'b');
        if (story.agent('A1', 'cpus:1').offers[0]!.startsWith('F2')) heavy++;
      }
      return heavy / 300;
    };
    expect(winners(1)).toBeGreaterThan(0.4);
    expect(winners(1)).toBeLessThan(0.6);
    expect(winners(9)).toBeGreaterThan(0.83);
  });
});

describe('what brings a run', () => {
  const filled = () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:2;mem:64');
    return story;
  };

  test('a new or changed agent, over that agent alone', () => {
    const story = filled();
    story.tell({ kind: 'pause' });
    story.decline('F1 a A1 cpus:2;mem:64');
    story.tell({ kind: 'resume' });
    expect(story.agent('A2', 'cpus:1').offers).toEqual(['F1 a A2 cpus:1']);
    expect(story.tell({ kind: 'updateAgent', id: 'A2', total: parseResources('cpus:3', '') }).offers).toEqual(
      ['F1 a A2 cpus:2'],
    );
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2;mem:64']);
  });

  test('a framework that comes, wakes or revives, over all agents', () => {
    const story = filled();
    story.decline('F1 a A1 cpus:2;mem:64', 100);
    expect(story.framework('F2', 'b').offers).toEqual(['F2 b A1 cpus:2;mem:64']);
    story.tell({ kind: 'deactivate', framework: 'F2' });
    expect(story.tell({ kind: 'activate', framework: 'F2' }).offers).toEqual(['F2 b A1 cpus:2;mem:64']);
    story.decline('F2 b A1 cpus:2;mem:64', 100);
    expect(story.batch().offers).toEqual([]);
    expect(story.tell({ kind: 'revive', framework: 'F1' }).offers).toEqual(['F1 a A1 cpus:2;mem:64']);
  });

  test('not a decline, the end of a task, a weight, a quota, a reservation, a whitelist or a setting', () => {
    const story = filled();
    const still = (told: { offers: string[]; result: { runs: number } }) => {
      expect(told.offers).toEqual([]);
      expect(told.result.runs).toBe(0);
    };
    still(story.decline('F1 a A1 cpus:2;mem:64'));
    still(story.tell({ kind: 'weight', role: 'z', weight: 2 }));
    still(story.quota('z', 'cpus:1', ''));
    still(story.quota('z', '', ''));
    still(
      story.tell({
        kind: 'reserve',
        agent: 'A1',
        from: parseResources('cpus:1', ''),
        to: parseResources('cpus(a):1', ''),
      }),
    );
    still(story.tell({ kind: 'whitelist', hostnames: ['A1'] }));
    still(story.tell({ kind: 'updateFramework', id: 'F1', roles: ['a', 'b'] }));
    still(story.tell({ kind: 'suppress', framework: 'F1', roles: ['b'] }));
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:1;cpus(a):1;mem:64']);
  });

  test('while paused nothing; then once over all that asked', () => {
    const story = new Story();
    story.tell({ kind: 'pause' });
    expect(story.framework('F1', 'a').result.runs).toBe(0);
    expect(story.agent('A1', 'cpus:1').result.runs).toBe(0);
    expect(story.batch().result.runs).toBe(0);
    story.agent('A2', 'cpus:1');
    const told = story.tell({ kind: 'resume' });
    expect(told.result.runs).toBe(1);
    expect(told.offers.toSorted()).toEqual(['F1 a A1 cpus:1', 'F1 a A2 cpus:1']);
    expect(story.tell({ kind: 'resume' }).result.runs).toBe(0);
  });

  test('the candidates of paused requests add up, an agent that left is none of them', () => {
    const story = new Story();
    story.framework('F1', 'a', { suppressed: ['a'] });
    for (const id of ['A1', 'A2', 'A3', 'A4']) story.agent(id, 'cpus:1');
    story.tell({ kind: 'updateFramework', id: 'F1', suppressed: [] });
    story.tell({ kind: 'pause' });
    for (const id of ['A2', 'A3', 'A4']) {
      story.tell({ kind: 'updateAgent', id, total: parseResources('cpus:2', '') });
    }
    story.tell({ kind: 'removeAgent', id: 'A4' });
    expect(story.tell({ kind: 'resume' }).offers.toSorted()).toEqual(['F1 a A2 cpus:2', 'F1 a A3 cpus:2']);
  });

  test('an agent that all refused, and that was off the whitelist when a framework came, is shown to it later', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.agent('A1', 'cpus:1');
    story.decline('F1 a A1 cpus:1', 1000);
    expect(story.batch().offers).toEqual([]);
    story.tell({ kind: 'whitelist', hostnames: [] });
    expect(story.framework('F2', 'b').offers).toEqual([]);
    story.tell({ kind: 'whitelist', hostnames: null });
    expect(story.batch().offers).toEqual(['F2 b A1 cpus:1']);
  });

  test('the whitelist works from the next run on, and null lifts it', () => {
    const story = new Story();
    story.framework('F1', 'a');
    story.tell({ kind: 'whitelist', hostnames: ['host-2'] });
    expect(story.agent('A1', 'cpus:1', { hostname: 'host-1' }).offers).toEqual([]);
    expect(story.agent('A2', 'cpus:1', { hostname: 'host-2' }).offers).toEqual(['F1 a A2 cpus:1']);
    story.tell({ kind: 'whitelist', hostnames: null });
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:1']);
  });
});
