import { describe, expect, test } from 'vitest';
import { parseQuantities } from '../resources/quantities.ts';
import type { Demand } from './events.ts';
import type { EngineOptions } from './options.ts';
import { launch, Story } from './story.test-helper.ts';

const wants = (resources: string, count: number, role?: string): Demand => ({
  resources: parseQuantities(resources, ''),
  count,
  ...(role === undefined ? {} : { role }),
});
const demanding = (options: Partial<EngineOptions> = {}): Story =>
  new Story({ declaredDemand: true, ...options });

describe('declared demand', () => {
  test("gives the DRF paper's users 3 and 2 tasks in one run", () => {
    const story = demanding();
    story.framework('A', 'A', { demand: [wants('cpus:1;mem:4', 99)] });
    story.framework('B', 'B', { demand: [wants('cpus:3;mem:1', 99)] });
    expect(story.agent('machine', 'cpus:9;mem:18').offers).toEqual([
      'A A machine cpus:3;mem:12',
      'B B machine cpus:6;mem:2',
    ]);
    expect(story.engine.shares()).toEqual({ A: 2 / 3, B: 2 / 3 });
  });

  test('is offered no more than it wants, and nothing when it wants nothing', () => {
    const story = demanding();
    story.agent('A1', 'cpus:8;mem:800;ports:[1-9]');
    expect(story.framework('F1', 'a', { demand: [] }).offers).toEqual([]);
    expect(story.framework('F2', 'a', { demand: [wants('cpus:1;mem:10', 0)] }).offers).toEqual([]);
    expect(story.framework('F3', 'a', { demand: [wants('cpus:1;mem:10;ports:2', 2)] }).offers).toEqual([
      'F3 a A1 cpus:2;mem:20;ports:[1-4]',
    ]);
  });

  test('is not offered again what is out, and less once tasks are launched', () => {
    const story = demanding();
    story.agent('A1', 'cpus:8;mem:800');
    story.framework('F1', 'a', { demand: [wants('cpus:1;mem:10', 3), wants('cpus:2;mem:20', 1)] });
    expect(story.outstanding).toEqual(['F1 a A1 cpus:5;mem:50']);
    expect(story.batch().offers).toEqual([]);
    story.accept('F1 a A1', [launch(['t1', 'cpus:1;mem:10'], ['t2', 'cpus:2;mem:20'])]);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2;mem:20']);
    story.accept('F1 a A1', [launch(['t3', 'cpus:1;mem:10'], ['t4', 'cpus:1;mem:10'])]);
    expect(story.batch().offers).toEqual([]);
    // What ended does not come back by itself.
    story.tell({ kind: 'finish', task: 't1' });
    expect(story.batch().offers).toEqual([]);
  });

  test('a task of another shape does not count', () => {
    const story = demanding();
    story.agent('A1', 'cpus:8;mem:800');
    story.framework('F1', 'a', { demand: [wants('cpus:2;mem:20', 1)] });
    story.accept('F1 a A1', [launch(['t1', 'cpus:1;mem:20'])]);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2;mem:20']);
  });

  test('spreads over agents in the order of the run, each as far as it goes', () => {
    const story = demanding();
    for (const id of ['A1', 'A2', 'A3']) story.agent(id, 'cpus:2;mem:100');
    const { offers } = story.framework('F1', 'a', { demand: [wants('cpus:1;mem:10', 5)] });
    expect(offers.map((offer) => offer.slice('F1 a A1 '.length)).sort()).toEqual([
      'cpus:1;mem:10',
      'cpus:2;mem:20',
      'cpus:2;mem:20',
    ]);
  });

  test('takes what is reserved for it first, and nothing that can be revoked, is shared or comes whole', () => {
    const story = demanding();
    story.agent('A1', 'cpus:2;cpus(a):1.5;cpus(b):8;cpus{REV}:9;disk{MOUNT}:50;disk:10');
    const capabilities = ['REVOCABLE_RESOURCES'] as const;
    expect(story.framework('F1', 'a', { capabilities, demand: [wants('cpus:1', 9)] }).offers).toEqual([
      'F1 a A1 cpus:1.5;cpus(a):1.5',
    ]);
    expect(story.framework('F2', 'b', { demand: [wants('disk:10', 9)] }).offers).toEqual(['F2 b A1 disk:10']);
  });

  test('an agent that it refused is not offered while that lasts', () => {
    const story = demanding();
    story.agent('A1', 'cpus:8;mem:800');
    story.framework('F1', 'a', { demand: [wants('cpus:1;mem:10', 2)] });
    story.decline('F1 a A1 cpus:2;mem:20', 3);
    expect(story.batch(2).offers).toEqual([]);
    expect(story.batch().offers).toEqual(['F1 a A1 cpus:2;mem:20']);
  });

  test('needs no least amount, but agents that suit it', () => {
    const story = demanding({ minAllocatable: [parseQuantities('cpus:4', '')] });
    story.agent('A1', 'cpus:4;gpus:1');
    story.agent('A2', 'cpus:4', { attributes: 'rack:r2' });
    story.framework('F1', 'a', { demand: [wants('cpus:1', 1)], active: false });
    const groups = [[{ attribute: 'rack', is: 'exists' } as const]];
    story.tell({ kind: 'offerConstraints', framework: 'F1', role: 'a', groups });
    expect(story.tell({ kind: 'activate', framework: 'F1' }).offers).toEqual(['F1 a A2 cpus:1']);
  });

  test('is within limits, and leaves what guarantees need', () => {
    const story = demanding({ nestedLimits: true });
    story.agent('A1', 'cpus:10');
    story.quota('a', '', 'cpus:5');
    story.quota('a/x', '', 'cpus:2.5');
    story.quota('b', 'cpus:4', '');
    expect(story.framework('F1', 'a/x', { demand: [wants('cpus:1', 9)] }).offers).toEqual([
      'F1 a/x A1 cpus:2',
    ]);
    expect(story.framework('F2', 'a', { demand: [wants('cpus:1', 9)] }).offers).toEqual(['F2 a A1 cpus:3']);
    expect(story.framework('F3', 'c', { demand: [wants('cpus:1', 9)] }).offers).toEqual(['F3 c A1 cpus:1']);
    expect(story.framework('F4', 'b/y', { demand: [wants('cpus:1', 9)] }).offers).toEqual([
      'F4 b/y A1 cpus:4',
    ]);
  });

  test('one that declares nothing is offered whole agents beside those that do', () => {
    const story = demanding();
    story.tell({ kind: 'pause' });
    for (let i = 1; i <= 3; i++) story.agent(`A${i}`, 'cpus:4;mem:100');
    story.framework('F1', 'a', { demand: [wants('cpus:1;mem:10', 3)] });
    story.framework('F2', 'b');
    const { offers } = story.tell({ kind: 'resume' });
    // One of F1's tasks; an agent for F2; two more tasks, until F1 wants nothing more; the rest for F2.
    const inTurn = offers.map((offer) => offer.replace(/ A\d /, ' '));
    expect(inTurn).toEqual([
      'F1 a cpus:1;mem:10',
      'F2 b cpus:3;mem:90',
      'F1 a cpus:2;mem:20',
      'F2 b cpus:2;mem:80',
      'F2 b cpus:4;mem:100',
    ]);
  });

  test('counts for each role by itself, goes with a role, and can be taken back', () => {
    const story = demanding();
    story.agent('A1', 'cpus:8');
    const demand = [wants('cpus:1', 1, 'a'), wants('cpus:2', 1, 'b')];
    expect(story.framework('F1', ['a', 'b'], { demand }).offers.sort()).toEqual([
      'F1 a A1 cpus:1',
      'F1 b A1 cpus:2',
    ]);
    story.tell({ kind: 'updateFramework', id: 'F1', roles: ['a', 'c'] });
    expect(story.batch().offers).toEqual([]);
    story.tell({ kind: 'updateFramework', id: 'F1', demand: null });
    expect(story.batch().offers).toHaveLength(1);
  });

  test('is refused where it is off, and where it cannot be', () => {
    expect(() => new Story().framework('F1', 'a', { demand: [] })).toThrow(
      /^framework\.demand: must be null while the option declaredDemand is off/,
    );
    const refused: [Demand, RegExp][] = [
      [wants('', 1), /^framework\.demand\[0\]\.resources: a task needs resources/],
      [wants('cpus:1', 1.5), /^framework\.demand\[0\]\.count: 1\.5 is no number of tasks/],
      [wants('cpus:1', 1), /^framework\.demand\[0\]\.role: must be one of the framework's roles: a, b/],
      [wants('cpus:1', 1, 'c'), /^framework\.demand\[0\]\.role: "c" is none of its roles: a, b/],
    ];
    for (const [demand, message] of refused) {
      expect(() => demanding().framework('F1', ['a', 'b'], { demand: [demand] })).toThrow(message);
    }
  });
});
